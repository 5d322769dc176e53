import bcrypt from "bcryptjs";

const HASH = bcrypt.hashSync("correct horse battery staple", 10);

export default () => bcrypt.compareSync("correct horse battery staple", HASH);
