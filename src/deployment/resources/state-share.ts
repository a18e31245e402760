import { Expression, idOf, join, parameter } from '../expression.js'
import type { Resource } from '../template.js'

const STORAGE = '2024-01-01'

/** The network that ties the daemon to its state, with one subnet for the app's environment. */
export const network: Resource = {
  symbol: 'network',
  type: 'Microsoft.Network/virtualNetworks',
  apiVersion: '2024-05-01',
  name: parameter('name'),
  body: {
    location: parameter('location'),
    properties: {
      addressSpace: { addressPrefixes: [parameter('addressPrefix')] },
      subnets: [
        {
          name: 'agentwarden',
          properties: {
            addressPrefix: parameter('addressPrefix'),
            serviceEndpoints: [{ service: 'Microsoft.Storage' }],
            delegations: [{ name: 'apps', properties: { serviceName: 'Microsoft.App/environments' } }],
          },
        },
      ],
    },
  },
}

/** Id of that subnet. */
export const subnetId = join(idOf(network), '/subnets/agentwarden')

/** Premium, since only that has NFS: a share that is reached without a key, from one subnet alone. */
export const storage: Resource = {
  symbol: 'storage',
  type: 'Microsoft.Storage/storageAccounts',
  apiVersion: STORAGE,
  name: parameter('storageName'),
  body: {
    location: parameter('location'),
    kind: 'FileStorage',
    sku: { name: 'Premium_LRS' },
    properties: {
      minimumTlsVersion: 'TLS1_2',
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      // NFS is no HTTPS, and with the setting no share can be mounted.
      supportsHttpsTrafficOnly: false,
      publicNetworkAccess: 'Enabled',
      networkAcls: {
        defaultAction: 'Deny',
        bypass: 'None',
        virtualNetworkRules: [{ id: subnetId, action: 'Allow' }],
      },
    },
  },
}

export const files: Resource = {
  symbol: 'files',
  type: 'Microsoft.Storage/storageAccounts/fileServices',
  apiVersion: STORAGE,
  parent: storage,
  name: 'default',
}

/** The share that holds the state. */
export const share: Resource = {
  symbol: 'share',
  type: 'Microsoft.Storage/storageAccounts/fileServices/shares',
  apiVersion: STORAGE,
  parent: files,
  name: 'state',
  // 100 GiB is the least that a premium share may have.
  body: { properties: { enabledProtocols: 'NFS', rootSquash: 'NoRootSquash', shareQuota: 100 } },
}

/** The end of a storage host's name differs from cloud to cloud. */
const suffix = new Expression('environment().suffixes.storage', 'environment().suffixes.storage')

/** Where the share is mounted from, by NFS. */
export const shareServer = join(parameter('storageName'), '.file.', suffix)
export const sharePath = join('/', parameter('storageName'), '/state')
