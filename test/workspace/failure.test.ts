import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../src/workspace/failure.js'
import { NOW } from '../support/now.js'

function failed(statusCode: number, headers: Record<string, string> = {}): RestError {
  const request = createPipelineRequest({ url: 'https://api.loganalytics.io/v1' })
  const response = { request, status: statusCode, headers: createHttpHeaders(headers) }
  return new RestError('failed', { statusCode, request, response })
}

describe('how long to wait', () => {
  it.each([
    ['no word of it', {}, undefined],
    ['a number of seconds', { 'Retry-After': '17' }, 17_000],
    ['a date', { 'Retry-After': new Date(NOW + 42_000).toUTCString() }, 42_000],
    ['a date that is past', { 'Retry-After': new Date(NOW - 42_000).toUTCString() }, 0],
    ['what is neither', { 'Retry-After': 'soon' }, undefined],
  ])('%s', (_what, headers, wait) => {
    expect(failureOf(failed(429, headers as Record<string, string>), 'w', NOW).wait).toBe(wait)
  })
})

describe('whether to ask again', () => {
  it.each([
    [400, 'wrong-query', false],
    [401, 'refused', true],
    [403, 'refused', false],
    [404, 'refused', false],
    [408, 'too-much', false],
    [413, 'too-much', false],
    [429, 'unavailable', true],
    [500, 'unavailable', true],
    [502, 'unavailable', true],
    [503, 'unavailable', true],
    [504, 'too-much', false],
  ])('HTTP %i is %s, again: %s', (status, code, again) => {
    expect(failureOf(failed(status), 'w', NOW)).toMatchObject({ error: { code }, again })
  })

  it.each([['no token: the identity endpoint is down'], ['getaddrinfo ENOTFOUND api.loganalytics.io']])(
    'what is no answer at all may be over later: %s',
    (message) => {
      expect(failureOf(new Error(message), 'w', NOW)).toMatchObject({
        error: { code: 'unavailable', message: `workspace w: it could not be asked: ${message}` },
        again: true,
      })
    },
  )
})
