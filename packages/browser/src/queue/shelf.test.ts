import { expect, it } from 'vitest'
import { createFakeIndexedDb } from '../fake-indexed-db.ts'
import { createShelf } from './shelf.ts'
import type { WaitingEvent } from './waiting-event.ts'

const waiting = (n: number): WaitingEvent => ({
  sessionId: '0192f1c2-7b3a-7c4d-8e5f-a1b2c3d4e5f6',
  event: { eventId: `0192f1c2-0000-7000-8000-00000000000${n}`, eventType: 'A', payload: {} },
})

function open() {
  const fake = createFakeIndexedDb()
  const connections: IDBDatabase[] = []
  const rights = { mayWrite: true }
  const factory = {
    ...fake.factory,
    open(name: string) {
      const request = fake.factory.open(name)
      void Promise.resolve().then(() => {
        const { result } = request
        connections.push(result)
        // As a closed connection does.
        result.close = () => {
          result.transaction = () => {
            throw new DOMException('', 'InvalidStateError')
          }
        }
      })
      return request
    },
  }
  const shelf = createShelf({
    timers: globalThis,
    findFactory: () => factory,
    name: 'queue',
    mayWrite: () => rights.mayWrite,
  })
  return { fake, shelf, connections, rights }
}

it.each(['onclose', 'onversionchange'] as const)('goes on with a new connection after %s', async (event) => {
  const { shelf, connections } = open()
  await shelf.put([waiting(1)])
  const [connection] = connections
  connection?.close()
  Reflect.get(connection ?? {}, event)()
  expect(await shelf.count()).toBe(1)
  expect(connections).toHaveLength(2)
})

it('lets go of the connection for a tab that deletes the database', async () => {
  const { shelf, connections } = open()
  await shelf.put([waiting(1)])
  const [connection] = connections
  Reflect.get(connection ?? {}, 'onversionchange')()
  await Promise.resolve()
  expect(() => connection?.transaction('events')).toThrow()
})

it('creates no database by looking, removing or emptying', async () => {
  const { shelf, fake } = open()
  expect(await shelf.count()).toBe(0)
  expect(await shelf.peek()).toEqual([])
  await shelf.remove([waiting(1)])
  expect(await shelf.empty()).toEqual([])
  expect(fake.databases.size).toBe(0)
})

it('gives what it held when it is emptied, whether or not the database can be deleted', async () => {
  const { shelf, fake } = open()
  await shelf.put([waiting(2), waiting(1)])
  fake.factory.deleteDatabase = () => {
    throw new DOMException('', 'InvalidStateError')
  }
  expect(await shelf.empty()).toEqual([waiting(1), waiting(2)])
  expect(await shelf.count()).toBe(0)
})

it('writes nothing once consent is withdrawn', async () => {
  const { shelf, fake, rights } = open()
  await shelf.put([waiting(1)])
  rights.mayWrite = false
  await expect(shelf.put([waiting(2)])).rejects.toThrow()
  expect(fake.databases.get('queue')?.size).toBe(1)
})
