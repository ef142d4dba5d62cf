// Renews docs/images/welcome-back.png: Ada joins the club, closes the browser and comes back the next day.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startStorefront } from '@helloagain/storefront/server'
import { chromium } from '@playwright/test'
import { startServer } from '../server/src/testing/start-server.ts'
import { findChromium } from './find-chromium.ts'

const images = fileURLToPath(new URL('../docs/images', import.meta.url))
const profile = await mkdtemp(join(tmpdir(), 'helloagain-screenshot-'))
const server = await startServer()
const { key } = await server.sites.createKey('default', 'publishable')
const shop = await startStorefront({ port: 0, serverUrl: server.url, siteKey: key })
await server.sites.addOrigin('default', shop.url)

const openBrowser = () =>
  chromium.launchPersistentContext(profile, {
    executablePath: findChromium(process.env),
    args: ['--no-sandbox', '--disable-gpu'],
    baseURL: shop.url,
    viewport: { width: 1200, height: 760 },
  })

const first = await openBrowser()
const joining = await first.newPage()
await joining.goto('/signup')
await joining.fill('input[name=firstName]', 'Ada')
await joining.fill('input[name=email]', 'ada@example.com')
await joining.fill('input[name=city]', 'London')
await joining.selectOption('select[name=household]', '2 people')
await joining.click('button:has-text("Sign up")')
await joining.waitForSelector('#hello:has-text("Ada")')
await first.close()

server.clock.advance(86_400_000)
const second = await openBrowser()
const back = await second.newPage()
await back.goto('/signup')
await back.waitForSelector('[data-ha-welcome]:has-text("Ada")')
await back.waitForSelector('ha-mask')
await mkdir(images, { recursive: true })
await back.screenshot({ path: join(images, 'welcome-back.png') })

await second.close()
await shop.close()
await server.close()
await rm(profile, { recursive: true })
process.exit(0)
