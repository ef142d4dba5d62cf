import { expect, test } from '../stories/support/shop.ts'
import { keysOf, lastOf, visit } from './support-device-key.ts'

/** What a browser lacks or refuses. */
const WITHOUT = {
  'storage refuses keys': () => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('The object could not be cloned.', 'DataCloneError')
    }
  },
  'there is no WebCrypto': () => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined }),
  'there is no IndexedDB': () => Object.defineProperty(window, 'indexedDB', { value: undefined }),
  'IndexedDB never answers': () => {
    IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest
  },
  'no key can be made': () => {
    const refuse = () => Promise.reject(new DOMException('', 'NotSupportedError'))
    Object.assign(SubtleCrypto.prototype, { generateKey: refuse })
  },
}

for (const [what, spoil] of Object.entries(WITHOUT)) {
  test(`where ${what} everything else works, and nothing is on the console`, async ({ shop, person }) => {
    await person.open()
    await person.context().addInitScript(spoil)
    const first = await visit(person)
    // The observation, or what takes its place, is reported after the key was tried.
    await expect.poll(() => first.answers.length, { timeout: 20_000 }).toBeGreaterThan(1)
    const again = await visit(person)
    expect(lastOf(again).visitor?.visitorId).toBe(lastOf(first).visitor?.visitorId)
    expect(again.answers[0]?.recognition.method).toBe('cookie')
    expect([...first.complaints, ...again.complaints]).toEqual([])
    expect([...first.statuses, ...again.statuses]).not.toContain(401)
    expect(await keysOf(shop)).toEqual([])
  })
}
