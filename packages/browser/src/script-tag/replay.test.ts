import { expect, it } from 'vitest'
import type { Client } from '../client-surface.ts'
import { createInertClient } from '../inert-client.ts'
import type { ClientOptions } from '../options.ts'
import { readScriptOptions } from './attributes.ts'
import { createGlobal, type StubCall } from './replay.ts'

function openGlobal(calls: StubCall[]) {
  const tracked: string[] = []
  const opened: ClientOptions[] = []
  const open = (options: ClientOptions): Client => {
    opened.push(options)
    return { ...createInertClient(), track: (type) => void tracked.push(type) }
  }
  return { tracked, opened, global: createGlobal({ q: calls }, { open, version: '1' }) }
}

it('keeps calls until init, replays them in order, then lets calls through', () => {
  const { global, tracked } = openGlobal([
    ['track', ['A']],
    ['track', ['B']],
  ])
  expect(tracked).toEqual([])
  global.init()
  global.track?.('C')
  global.q?.push(['track', ['D']])
  expect(tracked).toEqual(['A', 'B', 'C', 'D'])
})

it('starts by an init that was called early, with its options, and only once', () => {
  const { global, tracked, opened } = openGlobal([
    ['track', ['A']],
    ['init', [{ siteKey: 'pk_a' }]],
  ])
  expect(global.init({ siteKey: 'pk_b' })).toBe(global.init())
  expect(opened).toEqual([{ siteKey: 'pk_a' }])
  expect(tracked).toEqual(['A'])
})

it('ignores kept calls it does not know', () => {
  expect(() => openGlobal([['nonsense', []]]).global.init()).not.toThrow()
})

it('reads options from the attributes of the script tag', () => {
  const data = {
    siteKey: 'pk_a',
    expiryDays: '60',
    autoPageViews: 'off',
    debug: '',
    consent: 'granted',
    apiOrigins: 'https://a.example, https://b.example',
  }
  expect(readScriptOptions(data, 'https://hello.example')).toEqual({
    siteKey: 'pk_a',
    endpoint: 'https://hello.example',
    expiryDays: 60,
    autoPageViews: false,
    debug: true,
    consent: 'granted',
    tokenOrigins: ['https://a.example', 'https://b.example'],
    sessionTargets: ['/', 'https://hello.example', 'https://a.example', 'https://b.example'],
  })
})

it('takes an empty site key for none, and digits in a key for text', () => {
  expect(readScriptOptions({ siteKey: '', storageKey: '42' }, 'https://hello.example')).toEqual({
    endpoint: 'https://hello.example',
    storageKey: '42',
  })
})
