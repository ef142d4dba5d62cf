import { describe, expect, it } from 'vitest'
import { Problem } from '../platform/http/problem.ts'
import { type Amount, createGroupCommit } from './group-commit.ts'
import type { Append } from './ports.ts'
import { unavailable } from './unavailable.ts'

/** An append of so many rows; only their number and name matter here. */
const appendOf = (name: string, rows = 1): Append =>
  ({
    session: { sessionId: name },
    rows: Array.from({ length: rows }, () => ({ name, payloadJson: '{}' })),
  }) as unknown as Append

const nameOf = ({ session }: Append) => session.sessionId

const MANY = { rows: 1000, bytes: 1_000_000 }

interface SetUp {
  maxRows?: number
  waiting?: Amount
  isBroken?: (appends: readonly Append[]) => boolean
}

function setUp({ maxRows = 100, waiting = MANY, isBroken = () => false }: SetUp = {}) {
  const flushes: string[][] = []
  const commits = createGroupCommit({
    commit: { ...MANY, rows: maxRows },
    waiting,
    async append(appends) {
      flushes.push(appends.map(nameOf))
      if (isBroken(appends)) throw new TypeError('poisoned')
      return appends.map(({ rows }) => rows.map(() => true))
    },
  })
  return { commits, flushes }
}

describe('group commit', () => {
  it('lets all appends of one turn share one commit, each with its own answer', async () => {
    const { commits, flushes } = setUp()
    const answers = await Promise.all([
      commits.append(appendOf('a')),
      commits.append(appendOf('b', 3)),
      Promise.resolve().then(() => commits.append(appendOf('c'))),
    ])
    expect(answers).toEqual([[true], [true, true, true], [true]])
    expect(flushes).toEqual([['a', 'b', 'c']])
  })

  it('collects while a commit is under way, and never runs two at once', async () => {
    let release = () => {}
    let running = 0
    const flushes: string[][] = []
    const commits = createGroupCommit({
      commit: MANY,
      waiting: MANY,
      async append(appends) {
        running += 1
        expect(running).toBe(1)
        flushes.push(appends.map(nameOf))
        if (flushes.length === 1) await new Promise<void>((resolve) => (release = resolve))
        running -= 1
        return appends.map(() => [true])
      },
    })
    const first = commits.append(appendOf('a'))
    await expect.poll(() => flushes.length).toBe(1)
    const others = [commits.append(appendOf('b')), commits.append(appendOf('c'))]
    release()
    await Promise.all([first, ...others])
    expect(flushes).toEqual([['a'], ['b', 'c']])
  })

  it('splits what is more than one commit takes, in order; a larger append goes alone', async () => {
    const { commits, flushes } = setUp({ maxRows: 4 })
    await Promise.all([
      commits.append(appendOf('a', 3)),
      commits.append(appendOf('b', 3)),
      commits.append(appendOf('huge', 9)),
      commits.append(appendOf('c')),
    ])
    expect(flushes).toEqual([['a'], ['b'], ['huge'], ['c']])
  })

  it('turns callers away with 503 and Retry-After when too many wait, and takes them again afterwards', async () => {
    const { commits } = setUp({ waiting: { ...MANY, rows: 3 } })
    const waiting = commits.append(appendOf('a', 3))
    const turnedAway = commits.append(appendOf('b'))
    await expect(turnedAway).rejects.toMatchObject({ code: 'server.busy', status: 503, retryAfterSeconds: 1 })
    await waiting
    expect(await commits.append(appendOf('b'))).toEqual([true])
  })

  it('takes an append larger than the queue when nobody waits', async () => {
    const { commits } = setUp({ waiting: { ...MANY, rows: 3 } })
    expect(await commits.append(appendOf('a', 5))).toHaveLength(5)
  })

  it('answers an empty append at once', async () => {
    const { commits, flushes } = setUp()
    expect(await commits.append(appendOf('a', 0))).toEqual([])
    expect(flushes).toEqual([])
  })

  it('keeps a poisoned append from sinking the others', async () => {
    const { commits, flushes } = setUp({
      isBroken: (appends) => appends.some((one) => nameOf(one) === 'bad'),
    })
    const settled = await Promise.allSettled(['a', 'bad', 'c'].map((name) => commits.append(appendOf(name))))
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(settled[1]).toMatchObject({ reason: { code: 'server.unavailable', retryAfterSeconds: 1 } })
    expect(flushes).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']])
  })

  it('fails all who wait after one try when the database is down, and recovers by itself', async () => {
    let isDown = true
    let tries = 0
    const commits = createGroupCommit({
      commit: MANY,
      waiting: MANY,
      async append(appends) {
        tries += 1
        if (isDown) throw unavailable(new Error('disk full'))
        return appends.map(() => [true])
      },
    })
    const settled = await Promise.allSettled(['a', 'b', 'c'].map((name) => commits.append(appendOf(name))))
    for (const one of settled) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'server.unavailable', status: 503 } })
    }
    expect(tries).toBe(1)
    isDown = false
    expect(await commits.append(appendOf('d'))).toEqual([true])
  })

  it('stops trying one by one as soon as the database itself is down', async () => {
    const tried: string[] = []
    const commits = createGroupCommit({
      commit: MANY,
      waiting: MANY,
      append: async (appends) => {
        tried.push(appends.map(nameOf).join())
        if (appends.length > 1) throw new TypeError('poisoned')
        throw nameOf(appends[0] as Append) === 'a' ? new Problem('server.unavailable') : new TypeError('bad')
      },
    })
    const settled = await Promise.allSettled(['a', 'b', 'c'].map((name) => commits.append(appendOf(name))))
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(tried).toEqual(['a,b,c', 'a'])
  })
})

describe('who waits for a commit', () => {
  const from = (source: string, name: string, rows = 1): Append => ({ ...appendOf(name, rows), source })

  /** A commit that lasts until it is released, behind which others queue. */
  async function setUpSlow(waiting: Amount, maxRows = 10) {
    const flushes: string[][] = []
    let release = () => {}
    const commits = createGroupCommit({
      commit: { ...MANY, rows: maxRows },
      waiting,
      async append(appends) {
        flushes.push(appends.map(nameOf))
        if (flushes.length === 1) await new Promise<void>((resolve) => (release = resolve))
        return appends.map(({ rows }) => rows.map(() => true))
      },
    })
    const first = commits.append(appendOf('first'))
    await expect.poll(() => flushes.length).toBe(1)
    const finish = () => {
      release()
      return first
    }
    return { commits, flushes, finish }
  }

  it('is served in turn by source, whoever asks most', async () => {
    const { commits, flushes, finish } = await setUpSlow(MANY, 4)
    const noisy = Array.from({ length: 6 }, (_, index) => commits.append(from('noisy', `n${index}`)))
    const quiet = [commits.append(from('a', 'a')), commits.append(from('b', 'b'))]
    await finish()
    await Promise.all([...noisy, ...quiet])
    expect(flushes.slice(1)).toEqual([
      ['n0', 'a', 'b', 'n1'],
      ['n2', 'n3', 'n4', 'n5'],
    ])
  })

  it.each([
    ['source', () => 'flood', (index: number) => `s${index}`],
    ['session', (index: number) => `address ${index}`, () => 'flood'],
  ])('leaves room for others, however much one %s sends', async (_what, source, session) => {
    const { commits, finish } = await setUpSlow({ ...MANY, rows: 100 })
    const flood = Array.from({ length: 1000 }, (_, index) =>
      commits.append(from(source(index), session(index))),
    )
    const others = Array.from({ length: 20 }, (_, index) => commits.append(from(`o${index}`, `o${index}`)))
    const settled = Promise.allSettled(flood)
    await finish()
    expect(await Promise.all(others)).toEqual(others.map(() => [true]))
    const taken = (await settled).filter(({ status }) => status === 'fulfilled')
    expect(taken).toHaveLength(50)
  })

  it('is bounded by bytes as well as by rows', async () => {
    const { commits, finish } = await setUpSlow({ rows: 1000, bytes: 14_000 })
    const large = (name: string): Append => {
      const { session, rows } = appendOf(name)
      return { session, rows: rows.map((row) => ({ ...row, payloadJson: 'x'.repeat(4000) })), source: name }
    }
    const kept = ['a', 'b'].map((name) => commits.append(large(name)))
    await expect(commits.append(large('c'))).rejects.toMatchObject({ code: 'server.busy' })
    await finish()
    await Promise.all(kept)
    expect(await commits.append(large('c'))).toEqual([true])
  })

  it('is told at once when the database is down, and not after tries of their own', async () => {
    const tried: string[][] = []
    let fail = () => {}
    const commits = createGroupCommit({
      commit: { ...MANY, rows: 1 },
      waiting: MANY,
      async append(appends) {
        tried.push(appends.map(nameOf))
        await new Promise<void>((resolve) => (fail = resolve))
        throw unavailable(new Error('gone'))
      },
    })
    const waiting = ['a', 'b', 'c'].map((name) => commits.append(appendOf(name)))
    const settled = Promise.allSettled(waiting)
    await expect.poll(() => tried.length).toBe(1)
    fail()
    for (const one of await settled) expect(one).toMatchObject({ reason: { code: 'server.unavailable' } })
    expect(tried).toEqual([['a']])
  })
})
