import { expect, it, vi } from 'vitest'
import { interceptFetch } from './fetch.ts'
import { createHeaderPolicy } from './header-policy.ts'
import { ORIGINAL, unwrapped } from './layer.ts'

const policyOf = () => createHeaderPolicy({ baseUrl: 'https://shop.example/', sessionId: () => 'session' })

function scopeOf() {
  const fetch = vi.fn(async (_input?: unknown, _init?: RequestInit) => new Response())
  return { fetch, location: { href: 'https://shop.example/' } }
}

it('finds the function below every layer of ours', () => {
  const scope = scopeOf()
  const original = scope.fetch
  interceptFetch(policyOf(), scope)
  interceptFetch(policyOf(), scope)
  expect(scope.fetch).not.toBe(original)
  expect(unwrapped(scope.fetch)).toBe(original)
  expect(Object.keys(scope.fetch)).not.toContain(ORIGINAL.toString())
})

it('undoes two clients in either order', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const scope = scopeOf()
    const original = scope.fetch
    const undos = [interceptFetch(policyOf(), scope), interceptFetch(policyOf(), scope)]
    for (const at of order) undos[at]?.()
    void scope.fetch('/x')
    expect(original.mock.calls).toEqual([['/x']])
  }
})

it('a remounted component that installs before its last undo keeps exactly one layer', () => {
  const scope = scopeOf()
  const original = scope.fetch
  const policy = policyOf()
  let undo = interceptFetch(policy, scope)
  for (let times = 0; times < 5; times++) {
    const next = interceptFetch(policy, scope)
    undo()
    undo = next
  }
  expect(Reflect.get(scope.fetch, ORIGINAL)).toBe(original)
  undo()
  expect(scope.fetch).toBe(original)
})

it('installs nothing where there is no fetch', () => {
  const scope = {}
  interceptFetch(policyOf(), scope)()
  expect(scope).toEqual({})
})

it('hands on the failure of a POST as it is, after one try', async () => {
  const failure = new TypeError('Failed to fetch')
  const scope = { fetch: vi.fn(() => Promise.reject(failure)), location: { href: 'https://shop.example/' } }
  const sent = scope.fetch
  interceptFetch(policyOf(), scope)
  const call: unknown = Reflect.apply(scope.fetch, undefined, ['/x', { method: 'POST' }])
  await expect(call).rejects.toBe(failure)
  expect(sent).toHaveBeenCalledTimes(1)
})
