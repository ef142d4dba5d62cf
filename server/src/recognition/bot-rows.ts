import { and, eq, isNull, ne, or } from 'drizzle-orm'
import type { Storage } from '../platform/storage/storage.ts'
import type { RecognitionTables } from './tables.ts'

/** Who is held to be a program. An empty list of reasons is somebody's word that this is a person. */
export interface BotStore {
  /** Keeps the reasons, unless somebody said that this is a person. Answers whether it is held to be a program. */
  flagBot(siteId: string, visitorId: string, reasons: readonly string[]): Promise<boolean>
  /** From now on a person, whatever speaks against it. False for a visitor that is not there. */
  pardon(siteId: string, visitorId: string): Promise<boolean>
  isFlagged(siteId: string, visitorId: string): Promise<boolean>
}

/** The condition under which a visitor counts: every figure about a site's people asks it. */
export const isPerson = ({ botReasons }: RecognitionTables['visitors']) =>
  or(isNull(botReasons), eq(botReasons, []))

/** Flags of programs, in the visitors' own rows. */
export function createBotStore({
  db,
  tables: { visitors },
}: Pick<Storage<RecognitionTables>, 'db' | 'tables'>): BotStore {
  const isVisitor = (siteId: string, visitorId: string) =>
    and(eq(visitors.siteId, siteId), eq(visitors.id, visitorId))
  return {
    async flagBot(siteId, visitorId, reasons) {
      const flagged = await db
        .update(visitors)
        .set({ botReasons: reasons })
        .where(
          and(isVisitor(siteId, visitorId), or(isNull(visitors.botReasons), ne(visitors.botReasons, []))),
        )
        .returning({ id: visitors.id })
      return flagged.length > 0
    },
    async pardon(siteId, visitorId) {
      const pardoned = await db
        .update(visitors)
        .set({ botReasons: [] })
        .where(isVisitor(siteId, visitorId))
        .returning({ id: visitors.id })
      return pardoned.length > 0
    },
    async isFlagged(siteId, visitorId) {
      const [row] = await db
        .select({ reasons: visitors.botReasons })
        .from(visitors)
        .where(isVisitor(siteId, visitorId))
      return (row?.reasons?.length ?? 0) > 0
    },
  }
}
