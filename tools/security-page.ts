import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { REQUIREMENTS, type Requirement } from './security-requirements.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const TESTS = [
  'server/src/**/*.test.ts',
  'packages/*/src/**/*.test.ts',
  'e2e/{stories,conformance,alongside}/**/*.{spec,test}.ts',
]
// Any text on one line that names a requirement: titles stand in calls of many shapes.
const TITLE = /(['"`])((?:(?!\1).)*\b[PRSW]\d{1,2}\b(?:(?!\1).)*)\1/g

interface TestTitle {
  readonly file: string
  readonly title: string
}

function readTitles(): TestTitle[] {
  const files = globSync(TESTS, { cwd: root, exclude: ['**/node_modules/**'] }).sort()
  return files.flatMap((file) => {
    const source = readFileSync(`${root}${file}`, 'utf8')
    return [...source.matchAll(TITLE)].map(([, , title = '']) => ({ file, title }))
  })
}

const names = (id: string) => new RegExp(`\\b${id}\\b`)

/** Tests that show a requirement: those that name it, and those the list names. */
function testsOf({ id, shownBy = [] }: Requirement, titles: readonly TestTitle[]): TestTitle[] {
  const named = titles.filter(({ title }) => names(id).test(title))
  const listed = shownBy.flatMap(([file, part]) => {
    const source = readFileSync(`${root}${file}`, 'utf8')
    return source.includes(part) ? [{ file, title: part }] : []
  })
  return [...named, ...listed]
}

/** Requirements that nothing shows and nothing excuses, and tests the list names that are gone. */
export function findGaps(): string[] {
  const titles = readTitles()
  return REQUIREMENTS.flatMap((requirement) => {
    const { id, shownBy = [], open } = requirement
    const gone = shownBy
      .filter(([file, part]) => !readFileSync(`${root}${file}`, 'utf8').includes(part))
      .map(([file, part]) => `${id}: ${file} has no test "${part}"`)
    const isBare = testsOf(requirement, titles).length === 0 && open === undefined
    return isBare ? [...gone, `${id}: no test names it, and no reason is given`] : gone
  })
}

export function securityPage(): string {
  const titles = readTitles()
  const rows = REQUIREMENTS.map((requirement) => {
    const files = [...new Set(testsOf(requirement, titles).map(({ file }) => file))]
    const shown = files.map((file) => `[${file.split('/').at(-1)}](../${file})`).join(', ')
    return `| ${requirement.id} | ${requirement.text} | ${shown} | ${requirement.open ?? ''} |`
  })
  return `# Security

What the product promises, the tests that show each promise, and what does not hold yet. Made by \`node tools/docs.ts\`;
a test fails when a promise has neither a test nor a reason. Report a vulnerability privately to the maintainers.

| id | promise | shown by | not held yet |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
