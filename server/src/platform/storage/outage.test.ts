import { expect, it } from 'vitest'
import { isOutage } from './outage.ts'

const failure = (message: string, code?: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), code === undefined ? {} : { code })

it.each([
  failure('database or disk is full', 'SQLITE_FULL'),
  failure('attempt to write a readonly database', 'SQLITE_READONLY_DBMOVED'),
  failure('disk I/O error', 'SQLITE_IOERR_WRITE'),
  failure('cannot execute INSERT in a read-only transaction', '25006'),
  failure('the database system is starting up', '57P03'),
  failure('canceling statement due to statement timeout', '57014'),
  failure('could not extend file', '53100'),
  failure('Query read timeout'),
  failure('timeout exceeded when trying to connect'),
  failure('Connection terminated unexpectedly'),
  failure('Failed query', undefined, failure('connect ECONNREFUSED', 'ECONNREFUSED')),
  new AggregateError([failure('connect ECONNREFUSED ::1', 'ECONNREFUSED')]),
])('knows a database that is down: %s', (error) => {
  expect(isOutage(error)).toBe(true)
})

it.each([
  failure('UNIQUE constraint failed', 'SQLITE_CONSTRAINT_UNIQUE'),
  failure('duplicate key', '23505'),
  failure('syntax error', '42601'),
  failure('Failed query', undefined, failure('no such column', 'SQLITE_ERROR')),
  new TypeError('x is not a function'),
  'thrown text',
  undefined,
])('takes nothing else for it: %s', (error) => {
  expect(isOutage(error)).toBe(false)
})
