import { expect, it } from 'vitest'
import { managedIdentitySignIn } from '../support/records.js'
import { comparison, differences } from './compare.js'
import { sourceOfRecords } from './wire.js'

it('both engines read the resource that a managed identity belongs to, be it an object or a text', async () => {
  const of = (name: string) => ({
    msiType: 'systemAssigned',
    associatedResourceId: `/subscriptions/s/${name}`,
  })
  const records = [
    managedIdentitySignIn({ id: 'a', managedServiceIdentity: of('a') }),
    managedIdentitySignIn({ id: 'b', managedServiceIdentity: JSON.stringify(of('b')) }),
    managedIdentitySignIn({ id: 'c', managedServiceIdentity: null }),
    managedIdentitySignIn({ id: 'd' }),
  ]
  const engines = comparison({ kind: 'match', view: 'SignIns', entity: ['AzureResourceId'] })
  const result = await differences(engines, [sourceOfRecords(records)])
  expect(result.differences).toEqual([])
  expect(result.both).toBe(3)
})
