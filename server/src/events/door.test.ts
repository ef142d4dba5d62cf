import { MAX_BODY_BYTES } from '@helloagain/protocol'
import { expect, it } from 'vitest'
import { createDoor } from './door.ts'

const busy = expect.objectContaining({ code: 'server.busy', status: 503, retryAfterSeconds: 1 })

it('lets in half as many requests of one address as there is room for, and others still', () => {
  const door = createDoor(10, 1000)
  const inside = Array.from({ length: 5 }, () => door.enter('flood', '1'))
  expect(() => door.enter('flood', '1')).toThrow(busy)
  door.enter('other', '1')
  for (const leave of inside) leave()
  door.enter('flood', '1')
})

it('counts the bytes of bodies before they are read, and all a body may have where its length is not told', () => {
  const door = createDoor(100, 4 * MAX_BODY_BYTES)
  door.enter('a', undefined)
  door.enter('a', String(MAX_BODY_BYTES))
  expect(() => door.enter('a', '1')).toThrow(busy)
  const leave = door.enter('b', '1000')
  leave()
  // A refusal holds no place.
  for (let count = 0; count < 200; count += 1) expect(() => door.enter('a', '1')).toThrow(busy)
  door.enter('b', '1000')
})
