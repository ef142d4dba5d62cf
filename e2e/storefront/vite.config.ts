import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const page = (name: string) => fileURLToPath(new URL(`${name}.html`, import.meta.url))

/** Puts what all pages share where they name it: `<!-- partials/header.html -->`. */
const partials: Plugin = {
  name: 'partials',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html.replace(/ *<!-- (partials\/[a-z]+\.html) -->\n/g, (_, path: string) =>
        readFileSync(new URL(path, import.meta.url), 'utf8'),
      ),
  },
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [partials],
  build: {
    target: 'es2022',
    rollupOptions: { input: ['index', 'quiz', 'signup', 'chat', 'account'].map(page) },
  },
})
