import { type Persistence, readJson } from '../persistence/persistence.ts'

const ID = /^[\x21-\x7e]{1,128}$/

/**
 * The device id this browser keeps for the site: the SDK's own where it runs on the site too, else one kept under
 * `<storageKey>_device_id`. Where storage is refused it is a new one on each page.
 */
export function keepDeviceId(store: Persistence, storageKey: string, newId: () => string): string {
  const ownKey = `${storageKey}_device_id`
  const { deviceId } = readJson<{ deviceId: unknown }>(store, `${storageKey}_state`) ?? {}
  const kept = [deviceId, store.get(ownKey)].find((text) => typeof text === 'string' && ID.test(text))
  if (typeof kept === 'string') return kept
  const id = newId()
  store.set(ownKey, id)
  return id
}

/** Forgets the id this script kept; the SDK forgets its own. */
export function forgetDeviceId(store: Persistence, storageKey: string): void {
  store.remove(`${storageKey}_device_id`)
}
