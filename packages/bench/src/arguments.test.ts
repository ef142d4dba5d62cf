import { expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

const read = (line: string) => readArguments(line.split(' ').filter(Boolean), '/home/me')

it('reads parts and whether the page is to be written', () => {
  expect(read('sdk ingest --write')).toMatchObject({ parts: ['sdk', 'ingest'], isWritten: true })
  expect(read('')).toMatchObject({ parts: [], isWritten: false, recognition: { isCold: false } })
})

it('reads a replay, its paths from where it was called', () => {
  const line =
    'recognition --replay visits.jsonl --out ../decisions.jsonl --calibrate /data/labelled.jsonl --cold'
  expect(read(line).recognition).toEqual({
    ...{ replay: '/home/me/visits.jsonl', out: '/home/decisions.jsonl', calibrate: '/data/labelled.jsonl' },
    isCold: true,
  })
})

it.each([
  ['recognition --replay visits.jsonl', '--out FILE'],
  ['recognition --out decisions.jsonl', '--replay FILE'],
  ['recognition --calibrate labelled.jsonl', '--calibrate FILE goes with'],
  ['--replay visits.jsonl --out decisions.jsonl', 'go with the part recognition'],
  ['recognition --share 7', 'at most 1'],
  ['sdk --pairs pairs.csv', 'go with the part recognition'],
  ['recognition --rewind', '--rewind'],
])('refuses %s', (line, reason) => {
  expect(() => read(line)).toThrow(reason)
})
