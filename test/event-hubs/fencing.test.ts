import { describe, expect, it } from 'vitest'
import { enqueue, events, read, serve, until, untilTaken } from './support.js'

describe('of two daemons that read the same group', () => {
  it('the one whose link is stolen is told so, and reads no more', async () => {
    const server = await serve()
    const { port } = await read(server)
    await until(() => expect(port.connections.at(-1)?.up).toBe(true))
    server.detach('0', 'amqp:link:stolen')
    await until(() => expect(port.fatals).toMatchObject([{ reason: 'fenced' }]))
    enqueue(server, 0, 4)
    const other = await read(server)
    await untilTaken(other.port, events(0, 4))
    expect(port.taken).toEqual([])
  })

  it('the one with the higher owner level goes on, whichever came first', async () => {
    const server = await serve()
    const high = await read(server, { settings: { owner_level: 2 } })
    await until(() => expect(high.port.connections.at(-1)?.up).toBe(true))
    const low = await read(server, { settings: { owner_level: 1 } })
    await until(() => expect(low.port.fatals).toMatchObject([{ reason: 'fenced' }]))
    const higher = await read(server, { settings: { owner_level: 3 } })
    await until(() => expect(high.port.fatals).toMatchObject([{ reason: 'fenced' }]))
    enqueue(server, 0, 4)
    await untilTaken(higher.port, events(0, 4))
    expect(higher.port.fatals).toEqual([])
  })

  it('one goes on where their levels are equal, also under load', async () => {
    const server = await serve()
    const daemons = [await read(server)]
    await until(() => expect(daemons[0]!.port.connections.at(-1)?.up).toBe(true))
    daemons.push(await read(server))
    let next = 0
    await until(() => {
      enqueue(server, next, next)
      next++
      expect(daemons.flatMap(({ port }) => port.fatals)).toMatchObject([{ reason: 'fenced' }])
    })
    const winner = daemons.find(({ port }) => port.fatals.length === 0)!
    await untilTaken(winner.port, events(0, next - 1))
  })

  it('each has its own where they read different groups', async () => {
    const server = await serve({ groups: ['$Default', 'other'] })
    enqueue(server, 0, 4)
    const [one, two] = [await read(server), await read(server, { settings: { consumer_group: 'other' } })]
    await untilTaken(one.port, events(0, 4))
    await untilTaken(two.port, events(0, 4))
  })
})
