import { expect, it } from 'vitest'
import { createGuard } from '../guard.ts'
import type { TellingCore } from './debug-core.ts'
import { createTeller } from './tell-overlay.ts'

it('keeps what goes wrong in the overlay away from the page', async () => {
  const reported: string[] = []
  const failing = () => {
    throw new Error('broken')
  }
  // An overlay that fails at once looks at nothing else.
  const core = {
    settings: { debug: true },
    world: { parts: { debug: async () => ({ openOverlay: () => failing }) } },
    guard: createGuard({ onError: ({ message }) => void reported.push(message) }),
    undos: [() => undefined],
  } as unknown as TellingCore
  createTeller(core)({ what: 'not_due' })
  await expect.poll(() => reported).toEqual(['Error: broken'])
})
