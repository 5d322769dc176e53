/** What an account may do. The stored and claimed form is lower case; GraphQL shows the key. */
export enum Role {
  VIEWER = "viewer",
  USER = "user",
  ADMIN = "admin",
  ROOT = "root",
}
