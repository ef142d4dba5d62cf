import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Finding } from '../measure.ts'

const KIB = 1024
const BUDGETS = [
  { file: 'helloagain.js', what: 'SDK core', mostKib: 8 },
  { file: 'helloagain-session.js', what: 'SDK session part', mostKib: 6 },
  { file: 'helloagain-delivery.js', what: 'SDK delivery part', mostKib: 6 },
  { file: 'helloagain-extras.js', what: 'SDK lazy part (forms, prefill, XHR)', mostKib: 6 },
  { file: 'helloagain-errors.js', what: 'SDK error capture', mostKib: 6 },
  { file: 'helloagain-probes.js', what: 'SDK probe chunk', mostKib: 8 },
  { file: 'helloagain-debug.js', what: 'SDK debug overlay', mostKib: 8 },
] as const

/** What a page loads, gzip -9, against its budget. */
export const measureSizes = (): Finding[] =>
  BUDGETS.map(({ file, what, mostKib }) => {
    const path = fileURLToPath(new URL(`../../../browser/dist/${file}`, import.meta.url))
    const kib = gzipSync(readFileSync(path), { level: 9 }).length / KIB
    return {
      what: `${what}, min + gzip -9`,
      value: `${kib.toFixed(2)} KiB`,
      bar: `≤ ${mostKib} KiB`,
      isReached: kib <= mostKib,
    }
  })
