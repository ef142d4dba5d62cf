import { defineConfig } from '@playwright/test'
import { findChromium } from './find-chromium.ts'

export default defineConfig({
  testDir: '.',
  testMatch: ['stories/**/*.spec.ts', 'conformance/**/*.spec.ts'],
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [['list']],
  use: {
    launchOptions: {
      executablePath: findChromium(process.env),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
