import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { javaProgram } from './jars.js'

/** What a client needs to connect with TLS and SASL. */
export interface Security {
  readonly address: string
  /** File of the certificate that signs the broker's. */
  readonly ca: string
  readonly username: string
  readonly password: string
}

const USERNAME = '$ConnectionString'
const PASSWORD = 'Endpoint=sb://localhost/;SharedAccessKeyName=reader;SharedAccessKey=c2VjcmV0'
const STORE_PASSWORD = 'changeit'

const keytool = (...args: string[]) =>
  promisify(execFile)(javaProgram('keytool'), [...args, '-storepass', STORE_PASSWORD])

const login = (module: string, ...options: string[]) =>
  [`org.apache.kafka.common.security.${module} required`, ...options].join(' ').concat(';')

/** A certificate for localhost, signed by itself. */
async function certificate(store: string, ca: string): Promise<void> {
  const name = ['-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1']
  const key = ['-alias', 'broker', '-keyalg', 'EC', '-validity', '3650']
  await keytool('-genkeypair', '-keystore', store, '-storetype', 'PKCS12', ...key, ...name)
  await keytool('-exportcert', '-rfc', '-keystore', store, '-alias', 'broker', '-file', ca)
}

/**
 * Adds to a broker's properties a port as that of Event Hubs: TLS, SASL PLAIN with a connection string, and OAUTHBEARER,
 * for which the broker takes unsigned tokens, as Kafka has it for tests.
 */
export async function secureProperties(
  folder: string,
  port: number,
  properties: Record<string, string>,
): Promise<Security> {
  const store = path.join(folder, 'broker.p12')
  const ca = path.join(folder, 'ca.pem')
  await certificate(store, ca)
  properties.listeners += `,SECURE://127.0.0.1:${port}`
  properties['advertised.listeners'] += `,SECURE://127.0.0.1:${port}`
  properties['listener.security.protocol.map'] += ',SECURE:SASL_SSL'
  const listener = 'listener.name.secure'
  properties[`${listener}.ssl.keystore.location`] = store
  properties[`${listener}.ssl.keystore.password`] = STORE_PASSWORD
  properties[`${listener}.sasl.enabled.mechanisms`] = 'PLAIN,OAUTHBEARER'
  properties[`${listener}.plain.sasl.jaas.config`] = login(
    'plain.PlainLoginModule',
    `user_${USERNAME}="${PASSWORD}"`,
  )
  properties[`${listener}.oauthbearer.sasl.jaas.config`] = login(
    'oauthbearer.OAuthBearerLoginModule',
    'unsecuredLoginStringClaim_sub="broker"',
  )
  return { address: `127.0.0.1:${port}`, ca, username: USERNAME, password: PASSWORD }
}
