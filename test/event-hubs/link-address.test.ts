import { Receiver } from 'rhea-promise'
import { expect, it } from 'vitest'
import '../../src/event-hubs/client.js'

it('the address of a link whose connection was lost is none, instead of an exception in a timer', () => {
  const lost = Object.create(Receiver.prototype, { _link: { value: {} } }) as Receiver
  expect(lost.source).toBeUndefined()
  expect(lost.address).toBeUndefined()
})

it('the address of any other link is that of its source', () => {
  const link = Object.create(Receiver.prototype, {
    _link: { value: { source: { address: '$cbs' } } },
  }) as Receiver
  expect(link.address).toBe('$cbs')
})
