// Stands in for the group commit, to show what it is worth: one transaction a request, each in its turn.
import type { createGroupCommit as real } from '../../../../server/src/events/group-commit.ts'

/** The same promises as the real one, but the shared commit. */
export const createGroupCommit: typeof real = ({ append }) => ({
  append: async (one) => (await append([one]))[0] ?? [],
})
