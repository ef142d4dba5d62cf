import { describe, expect, it } from 'vitest'
import { Problem } from '../platform/http/problem.ts'
import { createGroupCommit } from './group-commit.ts'
import type { Append } from './ports.ts'
import { unavailable } from './unavailable.ts'

/** An append of so many rows; only their number and name matter here. */
const appendOf = (name: string, rows = 1): Append =>
  ({
    session: { sessionId: name },
    rows: Array.from({ length: rows }, () => ({ name })),
  }) as unknown as Append

const nameOf = ({ session }: Append) => session.sessionId

interface SetUp {
  maxRows?: number
  maxWaiting?: number
  isBroken?: (appends: readonly Append[]) => boolean
}

function setUp({ maxRows = 100, maxWaiting = 1000, isBroken = () => false }: SetUp = {}) {
  const flushes: string[][] = []
  const commits = createGroupCommit({
    maxRows,
    maxWaiting,
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
      maxRows: 100,
      maxWaiting: 100,
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
    const { commits } = setUp({ maxWaiting: 3 })
    const waiting = commits.append(appendOf('a', 3))
    const turnedAway = commits.append(appendOf('b'))
    await expect(turnedAway).rejects.toMatchObject({ code: 'server.busy', status: 503, retryAfterSeconds: 1 })
    await waiting
    expect(await commits.append(appendOf('b'))).toEqual([true])
  })

  it('takes an append larger than the queue when nobody waits', async () => {
    const { commits } = setUp({ maxWaiting: 3 })
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
      maxRows: 100,
      maxWaiting: 100,
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
      maxRows: 100,
      maxWaiting: 100,
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
