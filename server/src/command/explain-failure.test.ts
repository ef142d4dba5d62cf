import { expect, it } from 'vitest'
import { explainFailure } from './explain-failure.ts'

const failure = (message: string, code: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code })

it.each([
  [failure('attempt to write a readonly database', 'SQLITE_READONLY_DIRECTORY'), 'is read-only'],
  [failure('unable to open database file', 'SQLITE_CANTOPEN'), 'cannot be opened'],
  [
    new Error('Failed query', { cause: failure('database is locked', 'SQLITE_BUSY_SNAPSHOT') }),
    'holds the database',
  ],
  [failure('not a directory', 'ENOTDIR'), 'choose another data folder'],
])('says in one line what to do: %s', (error, remedy) => {
  expect(explainFailure(error)).toMatch(/^helloagain: .+\. .+/)
  expect(explainFailure(error)).toContain(remedy)
})

it('makes nothing up for a failure it does not know, and quotes no password', () => {
  expect(explainFailure(failure('odd', 'toString'))).toBe('helloagain: odd')
  expect(explainFailure(new Error('at postgres://me:geheim@db/x\nstack'))).toBe(
    'helloagain: at postgres://…@db/x',
  )
})
