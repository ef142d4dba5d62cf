import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { expect, inputOf, install, type PageState, proven, type Setting, test } from './support-forms.ts'

declare const Extras: typeof import('../../packages/browser/src/extras.ts')
declare const ha: PageState

test.describe('data-ha-welcome', () => {
  const greeted: Setting = { person: proven() }

  test('greets a returning person by name', async ({ page, openPage }) => {
    await openPage('<p hidden data-ha-welcome="Welcome back, {firstName}!">old</p>', greeted)
    await install(page)
    await expect(page.locator('p')).toBeVisible()
    await expect(page.locator('p span')).toHaveText('Welcome back, Jane!')
  })

  test('stays hidden for somebody who is here for the first time', async ({ page, openPage }) => {
    await openPage(
      '<p data-ha-welcome="Welcome back">x</p><form data-ha-form="f"><input name="city"></form>',
      { ...greeted, isReturning: false },
    )
    await install(page)
    await expect(page.locator('input'), 'what was told in this visit is filled').toHaveValue('Oslo')
    await expect(page.locator('p')).toBeHidden()
  })

  test('appears when the person is recognised later', async ({ page, openPage }) => {
    await openPage('<p data-ha-welcome="Hi {firstName}"></p>', { ...greeted, isReturning: false })
    await install(page)
    await page.evaluate(() => {
      ha.isReturning = true
      ha.recognize()
    })
    await expect(page.locator('p span')).toHaveText('Hi Jane')
  })

  test('leaves a missing field out, or says the fallback', async ({ page, openPage }) => {
    const body =
      '<p id="a" data-ha-welcome="Welcome back, {nickname}!"></p><p id="b" data-ha-welcome="Hi {constructor}" data-ha-welcome-fallback="Hello again"></p>'
    await openPage(body, greeted)
    await install(page)
    await expect(page.locator('#a span')).toHaveText('Welcome back!')
    await expect(page.locator('#b span')).toHaveText('Hello again')
  })

  test('"Not you?" resets, hides the welcome and empties the forms', async ({ page, openPage }) => {
    const body =
      '<p data-ha-welcome="Hi {firstName}">old</p><form data-ha-form="f"><input name="email"></form>'
    await openPage(body, greeted)
    await install(page)
    await expect(page.locator('input')).toHaveValue('jane@example.com')
    await page.getByRole('button', { name: 'Not you?' }).click()
    expect(await page.evaluate(() => ha.resets)).toBe(1)
    await expect(page.locator('p')).toBeHidden()
    await expect(page.locator('input')).toHaveValue('')
    expect(await page.content()).not.toContain('Jane')
  })

  test('an answer that arrives after "Not you?" shows nothing', async ({ page, openPage }) => {
    await openPage('<p data-ha-welcome="Hi {firstName}"></p>', { person: proven() })
    await page.evaluate(() => {
      const { userData } = ha.port
      let answer: () => void = () => undefined
      const gate = new Promise<void>((resolve) => (answer = resolve))
      ha.port.userData = async () => gate.then(userData)
      ha.undo = Extras.installForms(ha.port)
      ha.signOut()
      answer()
    })
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 0)))
    await expect(page.locator('p')).toBeHidden()
    expect(await page.content()).not.toContain('Jane')
  })
})

test.describe('data-ha-form and data-ha-click', () => {
  const tracked = (page: Page) => page.evaluate(() => ha.tracked)

  test('tells a start once, then the names of completed fields, never a value', async ({
    page,
    openPage,
  }) => {
    await openPage(
      '<form data-ha-form="signup"><input name="firstName"><input name="city"><input type="password" name="password"><input name="cardNumber"></form>',
    )
    await install(page)
    await page.locator('[name=firstName]').fill('Grace')
    await page.locator('[name=city]').fill('Arlington')
    await page.locator('[name=password]').fill('s3cret-s3cret')
    await page.locator('[name=cardNumber]').fill('4111')
    await page.locator('[name=firstName]').focus()
    await expect
      .poll(() => tracked(page))
      .toEqual([
        { type: 'FORM_STARTED', payload: { formType: 'signup' } },
        {
          type: 'FORM_PROGRESS',
          payload: { formType: 'signup', fields: ['firstName', 'city'], fieldsCompleted: 2, fieldsTotal: 2 },
        },
      ])
    expect(JSON.stringify(await tracked(page))).not.toMatch(/Grace|Arlington|s3cret|4111/)
  })

  test('a prefill is no start', async ({ page, openPage }) => {
    await openPage('<form data-ha-form="signup"><input name="firstName"><input name="city"></form>', {
      person: proven(),
    })
    await install(page)
    await expect(page.locator('[name=city]')).toHaveValue('Oslo')
    expect(await tracked(page)).toEqual([])
  })

  test('progress is told when the page is left before the pause is over', async ({ page, openPage }) => {
    await openPage(
      '<form data-ha-form="quiz"><select name="city"><option value="">-<option>Oslo</select></form>',
    )
    await install(page)
    await page.locator('select').selectOption('Oslo')
    await page.evaluate(() => void dispatchEvent(new Event('pagehide')))
    expect((await tracked(page)).map(({ type }) => type)).toEqual(['FORM_STARTED', 'FORM_PROGRESS'])
  })

  test('clicks within a named element are told, also past stopPropagation', async ({ page, openPage }) => {
    await openPage('<a data-ha-click="hero"><b onclick="event.stopPropagation()">Buy</b></a>')
    await install(page)
    await page.locator('b').click()
    expect(await tracked(page)).toEqual([{ type: 'CONTENT_CLICK', payload: { content: 'hero' } }])
  })

  test('forms, welcomes and links that appear later are tended', async ({ page, openPage }) => {
    await openPage('<main></main>', { person: proven() })
    await install(page)
    await page.evaluate(() => {
      ;(document.querySelector('main') as HTMLElement).innerHTML =
        '<p data-ha-welcome="Hi {firstName}"></p><form data-ha-form="late"><input name="city"><input name="nick"></form><a data-ha-click="cta">x</a>'
    })
    await expect(page.locator('p span')).toHaveText('Hi Jane')
    await expect(page.locator('[name=city]')).toHaveValue('Oslo')
    await page.locator('[name=nick]').fill('J')
    await page.locator('a').click()
    expect((await tracked(page)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['FORM_STARTED', 'CONTENT_CLICK']),
    )
  })

  test('an attribute that is set later is honoured', async ({ page, openPage }) => {
    await openPage('<form><input name="city"></form>', { person: proven() })
    await install(page)
    await page.evaluate(() => document.querySelector('form')?.setAttribute('data-ha-form', 'late'))
    await expect(page.locator('input')).toHaveValue('Oslo')
  })

  test('undo leaves the document as it was found, and listens no more', async ({ page, openPage }) => {
    await openPage(
      '<p data-ha-welcome="Hi {firstName}"><b>old</b></p><form data-ha-form="f"><input name="email"><input name="city"></form><a data-ha-click="x">x</a>',
      { person: proven() },
    )
    const before = await page.content()
    await install(page)
    await expect(page.locator('ha-mask')).toHaveCount(1)
    await page.evaluate(() => ha.undo())
    expect(await page.content()).toBe(before)
    expect(await inputOf(page, '[name=city]')).toBe('')
    await page.locator('[name=city]').fill('y')
    await page.locator('a').click()
    expect(await tracked(page)).toEqual([])
  })
})

test.describe('data-ha-progress', () => {
  test('saves answers but no secret, and puts them back into empty fields', async ({ page, openPage }) => {
    const form =
      '<form data-ha-progress="quiz"><input name="q1"><input type="radio" name="q2" value="a"><input type="radio" name="q2" value="b"><input type="password" name="pw"><input name="cvc"></form>'
    await openPage(form)
    await install(page)
    await page.locator('[name=q1]').fill('blue')
    await page.locator('[value=b]').check()
    await page.locator('[name=pw]').fill('secret')
    await page.locator('[name=cvc]').fill('123')
    await page.locator('[name=q1]').focus()
    await expect
      .poll(() => page.evaluate(() => ha.saved['quiz']))
      .toEqual({ fields: { q1: 'blue', q2: 'b' } })

    await openPage(form, {
      saved: { quiz: { fields: { q1: 'blue', q2: 'b', pw: 'x', cvc: '1', __proto__: 1 } } },
    })
    await install(page)
    await expect(page.locator('[name=q1]')).toHaveValue('blue')
    await expect(page.locator('[value=b]')).toBeChecked()
    expect(await inputOf(page, '[name=pw]')).toBe('')
    expect(await inputOf(page, '[name=cvc]')).toBe('')
  })

  test('a damaged saved state changes nothing', async ({ page, openPage }) => {
    await openPage('<form data-ha-progress="quiz"><input name="q1"></form>', {
      saved: { quiz: ['x', { fields: null }] },
    })
    await install(page)
    await expect(page.locator('[name=q1]')).toHaveValue('')
  })
})

test('forms and prefill stay small', ({ script }) => {
  const sizeBytes = gzipSync(script, { level: 9 }).length
  console.log('forms and prefill:', sizeBytes, 'bytes gz')
  expect(sizeBytes).toBeLessThan(6 * 1024)
})
