const PASSWORD = "correct horse battery staple";

export const JSON_HEADERS = { "content-type": "application/json" };

/** Registers an account; answers its token. */
export async function register(graphql, username) {
  const query = `mutation { register(input: {username: "${username}", email: "${username}@example.org", password: "${PASSWORD}"}) { token } }`;
  const { data } = await post(graphql, JSON.stringify({ query }), {});
  return data.register.token;
}

/** The body of a login of this account. */
export const loginBody = (username) =>
  JSON.stringify({
    query: `mutation { login(input: {userid: "${username}", password: "${PASSWORD}"}) { token } }`,
  });

export const ME_BODY = JSON.stringify({ query: "{ me { id username email role } }" });

export async function post(graphql, body, headers) {
  const response = await fetch(graphql, { method: "POST", headers: { ...JSON_HEADERS, ...headers }, body });
  return response.json();
}
