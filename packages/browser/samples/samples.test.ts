import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

// Written so that Vitest does not take it for this file's own.
const MARK = `// @vitest-${'environment'}`

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('README.md shows the sample that runs here, but for the page, which is jsdom elsewhere', () => {
  const [, shown] =
    read('../README.md')
      .split('```')
      .filter((block) => block.includes(MARK))[0]
      ?.split('ts\n', 2) ?? []
  const sample = read('quiz.test.ts')
  expect(shown).toBe(sample.replace(/^.*\n/, `${MARK} jsdom\n`))
})
