/** Latchkey and posts behind @apollo/gateway: who wrote what, who I am, and a logout. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { compose } from "../support/compose.mjs";
import { ask, example, PASSWORD, register, say } from "../support/example.mjs";
import { startLatchkey, startScript } from "../support/servers.mjs";

const here = (file) => join(import.meta.dirname, file);

await example(async (folder) => {
  const latchkey = await startLatchkey(folder, { FEDERATION_DIRECTIVES: "off" });
  const [ann, bob] = [await register(latchkey.graphql, "ann"), await register(latchkey.graphql, "bob")];
  const posts = [
    { id: "1", title: "On keys", authorId: ann.id },
    { id: "2", title: "On doors", authorId: bob.id },
  ];
  const postsUrl = await startScript(here("posts.mjs"), { POSTS: JSON.stringify(posts) });
  const supergraph = await compose(folder, { latchkey, posts: here("posts.graphql"), postsUrl });
  const router = await startScript(here("gateway.mjs"), { SUPERGRAPH: supergraph });
  say("Latchkey, posts and @apollo/gateway run");

  const login = `mutation { login(input: {userid: "ann", password: "${PASSWORD}"}) { token } }`;
  const { token } = (await ask(router, login)).data.login;
  say("ann logs in through the supergraph");

  const me = await ask(router, "{ me { username email posts { title } } }", { token });
  assert.deepEqual(me.data, {
    me: { username: "ann", email: "ann@example.org", posts: [{ title: "On keys" }] },
  });
  say(`me: ${JSON.stringify(me.data.me)}`);

  const page = await ask(router, "{ posts { title author { username } } }", { token });
  assert.deepEqual(page.data.posts, [
    { title: "On keys", author: { username: "ann" } },
    { title: "On doors", author: { username: "bob" } },
  ]);
  say(`posts: ${JSON.stringify(page.data.posts)}`);

  const reach = await ask(router, "{ posts { author { username email } } }", { token });
  assert.deepEqual(
    reach.data.posts.map(({ author }) => author.email),
    ["ann@example.org", null],
  );
  assert.equal(reach.code, "FORBIDDEN");
  say("ann reads her own e-mail address, and not bob's: FORBIDDEN");

  const visitor = await ask(router, "{ posts { title author { username } } }");
  assert.deepEqual(visitor.data.posts[1], { title: "On doors", author: null });
  assert.equal(visitor.code, "UNAUTHENTICATED");
  say("a visitor reads the titles, and no author: UNAUTHENTICATED");

  const logout = await ask(router, "mutation { logout { success } }", { token });
  assert.deepEqual(logout.data, { logout: { success: true } });
  const after = await ask(router, "{ me { username } }", { token });
  assert.equal(after.data.me, null);
  assert.deepEqual([after.code, after.errors[0].extensions.reason], ["UNAUTHENTICATED", "TOKEN_REVOKED"]);
  const named = await ask(router, "{ posts { author { username } } }", { token });
  assert.deepEqual([named.data.posts[0].author, named.code], [null, "UNAUTHENTICATED"]);
  say("ann logs out through the supergraph: the very next request is refused, TOKEN_REVOKED");
});
