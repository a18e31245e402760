import { describe, expect, it } from 'vitest'
import { openedBy } from '../../src/review/graph-permissions.js'
import { uriTemplate } from '../../src/views/uri-template.js'

/** The parts of a call's path that are no ids. */
const words = (path: string) =>
  uriTemplate(`https://graph.microsoft.com/v1.0${path}`)
    .split('/')
    .filter((part) => part !== '' && !part.includes('{'))

/** Least privileged permission of each call, as the reference of Microsoft Graph has it, and some that have no part in it. */
describe('a permission of Microsoft Graph', () => {
  it.each([
    [
      '/users/ada@contoso.com/messages?$top=5',
      ['Mail.Read', 'Mail.ReadBasic.All'],
      ['User.Read.All', 'Directory.Read.All'],
    ],
    ['/users/ada@contoso.com/mailFolders/inbox/messages', ['Mail.Read'], ['User.Read.All', 'Files.Read.All']],
    ['/users/ada@contoso.com/sendMail', ['Mail.Send'], ['User.Read.All', 'Calendars.Read']],
    ['/users/ada@contoso.com/events', ['Calendars.Read'], ['Mail.Read', 'User.Read.All']],
    ['/users/ada@contoso.com/manager', ['User.Read.All'], ['Mail.Read', 'Group.Read.All']],
    ['/users?$select=id', ['User.Read.All', 'Directory.Read.All', 'User.ReadBasic.All'], ['Group.Read.All']],
    ['/users/delta', ['User.Read.All'], ['Mail.Read']],
    ['/me', ['User.Read'], ['Mail.Read']],
    [
      '/groups/8f3c0c5e-0000-4000-8000-000000000001/members',
      ['GroupMember.Read.All', 'Group.Read.All'],
      ['User.Read.All'],
    ],
    ['/groups', ['Group.Read.All', 'Directory.Read.All'], ['User.Read.All']],
    ['/drives/b!abc123/root/delta', ['Files.Read.All', 'Sites.Read.All'], ['User.Read.All']],
    [
      '/sites/8f3c0c5e-0000-4000-8000-000000000001/lists',
      ['Sites.Read.All'],
      ['Files.Read.All', 'User.Read.All'],
    ],
    [
      '/teams/8f3c0c5e-0000-4000-8000-000000000001/channels',
      ['Channel.ReadBasic.All'],
      ['Group.Read.All', 'Mail.Read'],
    ],
    ['/applications?$select=id', ['Application.Read.All', 'Directory.Read.All'], ['User.Read.All']],
    ['/security/alerts_v2', ['SecurityAlert.Read.All'], ['AuditLog.Read.All']],
    ['/auditLogs/signIns', ['AuditLog.Read.All'], ['Directory.Read.All']],
    ['/deviceManagement/managedDevices', ['DeviceManagementManagedDevices.Read.All'], ['Device.Read.All']],
  ])('opens %s where it does', (path, opening, others) => {
    for (const name of opening) expect(openedBy(name)!.opens(words(path)), name).toBe(true)
    for (const name of others) expect(openedBy(name)!.opens(words(path)), name).toBe(false)
  })

  it.each([
    ['Mail.Read', false],
    ['Mail.ReadBasic.All', false],
    ['Mail.ReadWrite', true],
    ['Mail.Send', true],
    ['Directory.AccessAsUser.All', true],
    ['User.Read', false],
  ])('%s lets write: %s', (name, writes) => {
    expect(openedBy(name)!.writes).toBe(writes)
  })

  it.each(['offline_access', 'openid', 'Bookings.Read.All', '__proto__', ''])('%j is not judged', (name) => {
    expect(openedBy(name)).toBeUndefined()
  })
})
