import type { StoredUser, User } from './ports.ts'

/** A user as other rooms may see it: the hash and the keys of comparison stay here (SECURITY.md W6). */
export const viewUser = (user: StoredUser): User => ({
  id: user.id,
  siteId: user.siteId,
  externalId: user.externalId,
  email: user.email,
  emailVerifiedAtMs: user.emailVerifiedAtMs,
  username: user.username,
  attributes: user.attributes,
  createdAtMs: user.createdAtMs,
})
