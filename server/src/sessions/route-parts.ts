import type { Accounts } from '../accounts/ports.ts'
import type { Journeys } from '../journey/ports.ts'
import type { FingerprintTiers, Observe, Recognition } from '../recognition/ports.ts'
import type { VisitorExporter } from './export-visitor.ts'
import type { Sessions } from './ports.ts'
import type { VisitorEraser } from './privacy.ts'
import type { SessionDesk } from './service.ts'

/** What the room's routes are built from: other rooms by their ports. */
export interface SessionRouteParts {
  readonly sessions: Sessions & SessionDesk
  readonly recognition: Pick<Recognition, 'findVisitor'>
  readonly fingerprints: FingerprintTiers
  readonly observe: Observe
  readonly journeys: Pick<Journeys, 'find' | 'promoteToRegistered' | 'view'>
  readonly accounts: Pick<Accounts, 'ensureExternalUser'>
  /** Delete what the other rooms hold of a visitor. */
  readonly erasers: readonly VisitorEraser[]
  /** Tell what the other rooms hold of a visitor, by room. */
  readonly exporters: Readonly<Record<string, VisitorExporter>>
}
