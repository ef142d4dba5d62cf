import { expect, it } from 'vitest'
import { createFakeBrowser } from '../fake-browser.ts'
import type { PageScope } from '../page-scope.ts'
import { createHints, type Hint } from './hints.ts'

const ID = '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'
const turn = () => new Promise((resolve) => setTimeout(resolve, 0))

function openChannel() {
  const browser = createFakeBrowser()
  // The one member that is used.
  const scope = { BroadcastChannel: browser.Channel } as unknown as PageScope
  const heard: Hint[] = []
  const hints = createHints(scope, 'queue', (hint) => heard.push(hint))
  return { hints, heard, other: new browser.Channel('queue') }
}

it('hears what another tab tells, until it falls silent', async () => {
  const { hints, heard, other } = openChannel()
  hints.open()
  const hint: Hint = { settled: [ID], stored: 3 }
  other.postMessage(hint)
  await turn()
  expect(heard).toEqual([hint])
  hints.close()
  other.postMessage(hint)
  await turn()
  expect(heard).toHaveLength(1)
})

it.each([
  undefined,
  null,
  'hello',
  7,
  [],
  {},
  { settled: [ID] },
  { settled: ID, stored: 0 },
  { settled: [7], stored: 0 },
  { settled: ['__proto__'], stored: 0 },
  { settled: [ID], stored: '0' },
  { settled: [ID], stored: Number.NaN },
  { settled: [ID], stored: -1 },
])('does not take %j for a hint', async (data) => {
  const { hints, heard, other } = openChannel()
  hints.open()
  other.postMessage(data)
  await turn()
  expect(heard).toEqual([])
})

it('throws nothing where the browser has no channels, refuses them, or has closed ours', () => {
  const without = createHints({} as PageScope, 'queue', () => undefined)
  const closed = class {
    postMessage(): void {
      throw new DOMException('', 'InvalidStateError')
    }
    close(): void {}
  }
  const refusing = class {
    constructor() {
      throw new DOMException('', 'SecurityError')
    }
  }
  // The one member that is used.
  const scopes = [closed, refusing].map((Channel) => ({ BroadcastChannel: Channel }) as unknown as PageScope)
  for (const hints of [without, ...scopes.map((scope) => createHints(scope, 'queue', () => undefined))]) {
    expect(() => {
      hints.open()
      hints.tell({ settled: [], stored: 0 })
      hints.close()
      hints.tell({ settled: [], stored: 0 })
    }).not.toThrow()
  }
})
