import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '../../../../tools/property-runs.ts'
import { installErrorCapture } from './capture-errors.ts'
import type { CaptureErrorsOptions, ErrorPayload } from './error-payload.ts'

const STACK = `TypeError: cart is undefined
    at Object.render [as draw] (https://shop.example/assets/app.3f2a9c4d.js?v=1:10:5)
    at async https://cdn.example/lib.js:1:2
    at <anonymous>
    at Array.map (<anonymous>)`

/** A window as the capture meets it, with timers that run when they are told to. */
function openWindow() {
  const timers: { work: () => void; delayMs: number }[] = []
  const target = new EventTarget()
  const counts = { listeners: 0 }
  const page = {
    location: { origin: 'https://shop.example', pathname: '/reset/9f8e7d6c5b4a3210' },
    addEventListener: (...args: Parameters<EventTarget['addEventListener']>) => {
      counts.listeners++
      target.addEventListener(...args)
    },
    removeEventListener: (...args: Parameters<EventTarget['removeEventListener']>) => {
      counts.listeners--
      target.removeEventListener(...args)
    },
    setTimeout: (work: () => void, delayMs: number) => timers.push({ work, delayMs }),
    clearTimeout(timer: number) {
      timers[timer - 1] = { work: () => undefined, delayMs: 0 }
    },
    HelloAgain: {},
  }
  const emit = (type: string, fields: object = {}) => {
    const event = Object.assign(new Event(type, { cancelable: true }), fields)
    target.dispatchEvent(event)
    return event
  }
  return { page, counts, timers, emit }
}

function open(options: CaptureErrorsOptions = {}, prepare?: (page: object) => void) {
  const opened = openWindow()
  const told: ErrorPayload[] = []
  prepare?.(opened.page)
  const undo = installErrorCapture(
    (_, payload) => void told.push(payload as ErrorPayload),
    options,
    // A fake of the few members that are used.
    opened.page as unknown as Parameters<typeof installErrorCapture>[2],
  )
  const fail = (error: unknown, fields: object = {}) => opened.emit('error', { error, ...fields })
  const reject = (reason: unknown) => opened.emit('unhandledrejection', { reason })
  return { ...opened, told, undo, fail, reject }
}

const errorOf = (message: string, fields: object = {}) =>
  Object.assign(new Error(message), { stack: '' }, fields)

it('tells type, message, page, place and frames of an error, addresses without query', () => {
  const { fail, told } = open()
  fail(errorOf('cart is undefined', { name: 'TypeError', stack: STACK }))
  expect(told).toEqual([
    {
      errorType: 'TypeError',
      message: 'cart is undefined',
      page: '/reset/***',
      source: '/assets/app.3f2a9c4d.js',
      line: 10,
      column: 5,
      stack: ['Object.render [as draw] (/assets/app.3f2a9c4d.js:10:5)', '? (https://cdn.example/lib.js:1:2)'],
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      count: 1,
    },
  ])
})

it('reads the stacks of Firefox and Safari', () => {
  const { fail, told } = open()
  fail(
    errorOf('x', {
      stack: 'render/<@https://shop.example/a.js:3:4\n@https://shop.example/b.js:5:6\n[native code]',
    }),
  )
  expect(told[0]?.stack).toEqual(['render/< (/a.js:3:4)', '? (/b.js:5:6)'])
})

it('takes the place from the code that called the SDK, not from the SDK', () => {
  const { fail, told } = open()
  const ours =
    'r@https://hello.example/sdk/v1/helloagain.js:1:2\nr@https://hello.example/x/helloagain-session.0123456789ab.js:1:2'
  fail(errorOf('Failed to fetch', { stack: `${ours}\norder@https://shop.example/a.js:3:4` }))
  expect(told[0]).toMatchObject({ source: '/a.js', stack: ['order (/a.js:3:4)'] })
})

it('takes the place from the event where the stack tells none', () => {
  const { fail, told } = open()
  fail(undefined, {
    message: 'Uncaught SyntaxError: Unexpected end',
    filename: 'https://shop.example/a.js?t=1',
    lineno: 3,
    colno: 7,
  })
  expect(told[0]).toMatchObject({
    errorType: 'SyntaxError',
    message: 'Unexpected end',
    source: '/a.js',
    line: 3,
    column: 7,
  })
})

it('keeps "Script error." of a script of another origin as it is', () => {
  const { fail, told } = open()
  fail(null, { message: 'Script error.', filename: '', lineno: 0, colno: 0 })
  expect(told[0]).toMatchObject({ errorType: 'UncaughtValue', message: 'Script error.' })
  expect(told[0]).not.toHaveProperty('source')
})

it.each([
  ['a text', 'no cart', 'no cart'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a number', 404, '404'],
  ['an object, by its keys alone', { code: 'E1', mail: 'ada@example.org' }, 'Object with code, mail'],
  ['an object without keys', {}, 'Object with no keys'],
])('tells a promise that was rejected with %s', (_, reason, message) => {
  const { reject, told } = open()
  reject(reason)
  expect(told[0]).toMatchObject({ errorType: 'UnhandledRejection', message })
})

it('tells a thrown value that is no error, and errors of other frames, by what they look like', () => {
  const { fail, reject, told } = open()
  fail('no cart', { message: 'Uncaught no cart' })
  fail({ code: 1 }, { message: 'Uncaught #<Object>' })
  reject({ name: 'NotAllowedError', message: 'no microphone' })
  expect(told.map(({ errorType, message }) => [errorType, message])).toEqual([
    ['UncaughtValue', 'no cart'],
    ['UncaughtValue', 'Object with code'],
    ['NotAllowedError', 'no microphone'],
  ])
})

it.each([
  ['a call the page broke off', 'unhandledrejection', { reason: { name: 'AbortError', message: 'aborted' } }],
  ['noise of an observer', 'error', { message: 'ResizeObserver loop limit exceeded', error: null }],
  [
    'an extension by its file',
    'error',
    { message: 'x', error: null, filename: 'chrome-extension://abcdefghijklmnopabcdefghijklmnop/a.js' },
  ],
  [
    'an extension by its stack',
    'error',
    { error: { message: 'x', stack: 'f@moz-extension://8f2b/a.js:1:1' } },
  ],
  ['what the options name', 'error', { error: errorOf('cart of the old shop') }],
  ['what the options describe', 'error', { error: errorOf('legacy 1') }],
])('leaves out %s', (_, type, fields) => {
  const { emit, told } = open({ ignore: ['Error: cart of', /legacy \d/g] })
  emit(type, fields)
  emit(type, fields)
  expect(told).toEqual([])
})

it('tells an error once, and after a pause how often it occurred again; no number is lost', () => {
  const { fail, told, timers } = open()
  for (let item = 0; item < 1000; item++) fail(errorOf(`Item ${item} not found`))
  expect(told).toHaveLength(1)
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([60_000])
  timers[0]?.work()
  expect(told.map(({ count }) => count)).toEqual([1, 999])
  expect(told[1]).toMatchObject({ ...told[0], count: 999 })
  fail(errorOf('Item 1 not found'))
  expect(timers[1]?.delayMs).toBe(120_000)
})

it.each(['visibilitychange', 'pagehide'])(
  'tells what was counted on %s, when the page may never run again',
  (type) => {
    const { fail, told, emit } = open()
    for (let times = 0; times < 3; times++) fail(errorOf('again'))
    emit(type)
    emit(type)
    expect(told.map(({ count }) => count)).toEqual([1, 2])
  },
)

it('tells fifty different errors, then that more were left out and how many', () => {
  const { fail, told, emit } = open()
  const word = (index: number) => String.fromCharCode(97 + (index % 26), 97 + Math.floor(index / 26))
  for (let index = 0; index < 60; index++) fail(errorOf(`no ${word(index)}`))
  emit('pagehide')
  expect(told).toHaveLength(52)
  expect(told.slice(50).map(({ errorType, count }) => [errorType, count])).toEqual([
    ['ErrorsLeftOut', 1],
    ['ErrorsLeftOut', 9],
  ])
})

it('tells errors apart by the place they come from, not by numbers in their message', () => {
  const { fail, told } = open()
  const at = (line: number) => ({ stack: `f@https://shop.example/a.js:${line}:1` })
  fail(errorOf('Item 1', at(1)))
  fail(errorOf('Item 2', at(1)))
  fail(errorOf('Item 1', at(2)))
  expect(new Set(told.map(({ fingerprint }) => fingerprint)).size).toBe(2)
})

it('tells what the page caught before, and lets it keep no more', () => {
  const page = { earlyErrors: [{ type: 'error', error: errorOf('early') }] }
  const { told } = open({}, (window) => Object.assign(window, { HelloAgain: page }))
  expect(told[0]).toMatchObject({ message: 'early' })
  expect(page).not.toHaveProperty('earlyErrors')
})

it('never throws, and is not caught in a loop by an error within an error', () => {
  const { fail, emit, told } = open()
  const trap = Object.defineProperty({}, 'message', {
    get() {
      fail(errorOf('within'))
      throw new Error('from the getter')
    },
  })
  expect(() => fail(trap)).not.toThrow()
  expect(() =>
    emit('unhandledrejection', { reason: new Proxy({}, { ownKeys: () => 0 as never }) }),
  ).not.toThrow()
  expect(told).toEqual([])
  fail(errorOf('next'))
  expect(told).toHaveLength(1)
})

it('never stands in for the handlers of the page', () => {
  const { fail, reject } = open()
  expect(fail(errorOf('x')).defaultPrevented).toBe(false)
  expect(reject('x').defaultPrevented).toBe(false)
})

it('tells what was counted when it is undone, and hears nothing afterwards', () => {
  const { fail, told, undo, counts } = open()
  for (let times = 0; times < 3; times++) fail(errorOf('again'))
  undo()
  fail(errorOf('late'))
  expect(told.map(({ count }) => count)).toEqual([1, 2])
  expect(counts.listeners).toBe(0)
})

const characters = fc.string({
  minLength: 24,
  maxLength: 24,
  unit: fc.constantFrom(...'abcdefABCDEF0123456789'),
})

it('lets nothing of a person through, wherever in an error it stands', () => {
  const secret = fc.oneof(
    fc.emailAddress({ size: '-1' }).filter((mail) => /^[\w.+-]{3,}@/.test(mail)),
    characters.filter((text) => /\d.*\d.*\d/.test(text)),
    fc.constantFrom('4111 1111 1111 1111', '+49 170 1234567', '192.0.2.17'),
  )
  fc.assert(
    fc.property(secret, fc.boolean(), (hidden, isChrome) => {
      const address = `https://me:${hidden}@shop.example/u/${hidden}/a.js?t=${hidden}#${hidden}`
      const frame = isChrome
        ? `    at ${hidden} (${address}:1:2)\n    at ${address}:3:4\n    at ${hidden}`
        : `${hidden}@${address}:1:2\n${hidden}`
      const { fail, reject, told } = open()
      const stack = `Error: ${hidden}\n${frame}`
      fail(
        errorOf(`Mail "${hidden}", ${hidden}, ${address}, mail=${hidden} failed`, { name: hidden, stack }),
        {
          filename: address,
        },
      )
      fail(null, { message: `Uncaught ${hidden}`, filename: address, lineno: 1, colno: 1 })
      reject(hidden)
      reject({ [hidden]: hidden })
      expect(told.length).toBeGreaterThan(2)
      expect(JSON.stringify(told)).not.toContain(hidden)
    }),
    { numRuns: propertyRuns(500) },
  )
})
