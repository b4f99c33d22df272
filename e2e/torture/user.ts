import { type Api, jsonOf } from "./api.ts";
import type { Dice } from "./dice.ts";

const PASSWORD = "correct horse battery staple";

/** A person whose session must survive every kill, as it was acknowledged. */
export interface User {
  username: string;
  token: string;
}

export async function signUp(api: Api, dice: Dice): Promise<User> {
  const username = `user-${Buffer.from(dice.bytes(4)).toString("hex")}`;
  const login = { username, password: PASSWORD };
  await api.expect([202], "POST", "/v1/users", { body: { ...login, email: `${username}@example.org` } });
  const { token } = jsonOf<{ token: string }>(await api.expect([201], "POST", "/v1/sessions", { body: login }));
  return { username, token };
}
