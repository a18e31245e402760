import { describe, expect, it } from 'vitest'
import { graphResource } from '../../src/views/uri-template.js'

describe('graphResource', () => {
  it.each([
    ['/', ''],
    ['/users', 'users'],
    ['/users/{id}', 'users'],
    ['/users/{id}/messages', 'users/messages'],
    ['/users/{id}/mailfolders/{id}/messages/$count', 'users/mailfolders'],
    ['/me/messages/{id}', 'me/messages'],
    ['/drives/{id}/root/{path}/content', 'drives/root'],
    ['/drives/{id}/items/{id}/content', 'drives/items'],
    ['/sites/{id}/lists/{id}/items', 'sites/lists'],
    ['/reports/getoffice365activeuserdetail()', 'reports/getoffice365activeuserdetail()'],
    ['/identity/conditionalaccess/policies/{id}', 'identity/conditionalaccess'],
    ['/$batch', '$batch'],
  ])('of %s is %j', (template, resource) => {
    expect(graphResource(template)).toBe(resource)
  })
})
