import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createHelloAgain, usersTable } from '@helloagain/server'
import Database from 'better-sqlite3'
import express, { type Request } from 'express'

interface User {
  id: number
  email: string | null
  password_hash: string | null
  browser_fingerprint: string | null
  preferences: string
}

const derive = promisify<string, string, number, Buffer>(scrypt)
const hash = async (password: string, salt: string) => (await derive(password, salt, 32)).toString('hex')

/** A shop that has been running for years, with users, log-in and tokens of its own. */
export async function createApp({ folder, secret }: { folder: string; secret: string }) {
  await mkdir(folder, { recursive: true })
  const db = new Database(join(folder, 'shop.sqlite'))
  db.exec(`CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    email TEXT UNIQUE,
    password_hash TEXT,
    browser_fingerprint TEXT,
    preferences TEXT NOT NULL DEFAULT '{}'
  )`)
  const findById = db.prepare<[number], User>('SELECT * FROM users WHERE id = ?')
  const findByEmail = db.prepare<[string], User>('SELECT * FROM users WHERE email = ?')
  const findByDevice = db.prepare<[string], User>(`SELECT * FROM users WHERE preferences ->> 'device_id' = ?`)
  const insert = db.prepare<[string], User>('INSERT INTO users (preferences) VALUES (?) RETURNING *')
  const setLogin = db.prepare('UPDATE users SET email = ?, password_hash = ? WHERE id = ?')
  const setPreferences = db.prepare('UPDATE users SET preferences = json_patch(preferences, ?) WHERE id = ?')

  const sign = (id: number) => createHmac('sha256', secret).update(String(id)).digest('hex')
  const tokenOf = (user: User) => `${user.id}.${sign(user.id)}`
  const findByToken = (request: Request): User | undefined => {
    const [id = '', signature = ''] = (request.headers.authorization ?? '').replace('Bearer ', '').split('.')
    return signature === sign(Number(id)) ? findById.get(Number(id)) : undefined
  }
  const hasPassword = async (user: User, password: string) => {
    const [salt = '', expected = ''] = (user.password_hash ?? '').split(':')
    const given = Buffer.from(await hash(password, salt))
    return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected))
  }

  const helloAgain = await createHelloAgain({
    secret,
    dataFolder: folder,
    users: usersTable<User>((sql, values) => db.prepare(sql).all(...values)),
    authenticate: findByToken,
  })
  const { journey } = helloAgain.services
  const app = express()
  app.use(express.json())
  app.use(helloAgain.middleware(), helloAgain.router)

  app.post('/api/auth/anonymous', async (request, response) => {
    const { device_id } = request.body
    if (typeof device_id !== 'string')
      return void response.status(400).json({ error: 'device_id is missing' })
    const known = findByDevice.get(device_id)
    const user = known ?? insert.get(JSON.stringify({ device_id, theme: 'light' }))
    if (!user) return void response.status(500).json({ error: 'no user' })
    const greeting = await journey.greet(user, request, { isNew: !known })
    response.json({ user_id: user.id, access_token: tokenOf(user), ...greeting })
  })

  app.post('/api/auth/register', async (request, response) => {
    const user = findByToken(request)
    if (!user) return void response.status(401).json({ error: 'no token' })
    const { email, password } = request.body
    if (findByEmail.get(email)) return void response.status(409).json({ error: 'taken' })
    const salt = randomBytes(16).toString('hex')
    setLogin.run(email, `${salt}:${await hash(password, salt)}`, user.id)
    await journey.promoteToRegistered(user)
    response.status(201).json({ user_id: user.id, email })
  })

  app.post('/api/auth/login', async (request, response) => {
    const { email, password } = request.body
    const user = findByEmail.get(String(email))
    if (!user || !(await hasPassword(user, String(password))))
      return void response.status(401).json({ error: 'wrong' })
    response.json({ user_id: user.id, access_token: tokenOf(user) })
  })

  app.get('/api/me', (request, response) => {
    const user = findByToken(request)
    if (!user) return void response.status(401).json({ error: 'no token' })
    response.json({ user_id: user.id, email: user.email, theme: JSON.parse(user.preferences).theme })
  })

  app.put('/api/me/theme', (request, response) => {
    const user = findByToken(request)
    if (!user) return void response.status(401).json({ error: 'no token' })
    setPreferences.run(JSON.stringify({ theme: request.body.theme }), user.id)
    response.json({ theme: request.body.theme })
  })

  app.use((_request, response) => void response.status(404).json({ error: 'the shop knows no such page' }))
  return { app, db, close: () => helloAgain.close().then(() => void db.close()) }
}
