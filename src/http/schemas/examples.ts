/** A contract is proposed: test/vectors/. */
const PROPOSAL = {
  note: 'ingam/event/v1\nlog.example/vectors\n0000000000000000000000000000000000000000000000000000000000000000\n0\n0000000000000000000000000000000000000000000000000000000000000000\ncontract.propose\n/r28YrhPf65QdC03K8rEkRn4SeO44DOLKehpKRutxeQ=\n\n— alice Ci8EywHR5jV9NwBSA+NQNtMAO7TE/hPZ+s2RcmJmKEtAaxovnQd7NBED/46aZMIafrkJhy8dqrHs16J/cflf02QYbww=\n',
  body: {
    nonce: '7e47af158e9db54fc5e4902996f5360a',
    title: 'Payment on report',
    document: {
      sha256: 'cc8321d6375c494d043fdd0260f21bc0ec51dacc9f6abb7f909cdcd3041b78bf',
      size: 8,
      name: 'contract.pdf',
    },
    parties: [
      {
        name: 'Alice',
        key: 'alice+0a2f04cb+AQ3ct28HkvbDQsvkUccQ4mufq4YQ2+RAZb5ceuXqRqYV',
        order: 1,
      },
    ],
    when: {
      all: [
        {
          signed: 0,
        },
        {
          notarized: '14e4cce86788499d03144f70ab24ca83d1abe97d55153c71ee1df55c5296c1f9',
        },
      ],
    },
    holder: 'alice+0a2f04cb+AQ3ct28HkvbDQsvkUccQ4mufq4YQ2+RAZb5ceuXqRqYV',
  },
};

const RECEIPT = {
  note: 'ingam/receipt/v1\ningam.local/11ea392d\n1\nDtZrzLhur4k2QDX9Z7N4TG7Kwa/X/peCnFIQKX/U58U=\n1796010521459\n1796010581459\n\n— ingam.local/11ea392d/receipt bSagGGgmbJN3iPMooCEs4YeVB/LVhSemuVwZHOpmXKNK3BVGREo9otIa0tvTZOl9mIUeAnDDFp9p/GFUGi+xuDU4EgI=\n',
  index: 0,
  path: [],
};

const ASSERTION = {
  id: 'AAECAwQFBgcICQoLDA0ODw',
  clientData: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0',
  authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAA',
  userHandle: 'cHNuX3g',
  signature: 'MEUCIQD',
};

const SEALED = {
  id: '28-5a6c738a80367a84',
  sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
  size: 4096,
  acceptedAt: '2026-11-30T03:48:41.459Z',
  status: 'sealed',
  position: 28,
  sealedAt: '2026-11-30T03:48:42.266Z',
  block: {
    height: 19,
    index: 0,
  },
  entry:
    'AQDlb/oQYAQBeCq160ho2DXKvFPcbYpebQ+mGDBuSZKqfgAAAAAAABAAAAABoiqRs3NabHOKgDZ6hKBGu8nyumZ4S9Hie5wL3IEg7WMXSueAdUoDemuyWirohbH5Eks5d+GhzyRVFTMETtwt3j4aH0RV',
  links: {
    self: '/v1/notarizations/28-5a6c738a80367a84',
    proof: '/v1/notarizations/28-5a6c738a80367a84/proof',
    events: '/v1/notarizations/28-5a6c738a80367a84/events',
    block: '/v1/blocks/19',
  },
  details: {
    name: 'contract.pdf',
    tags: ['lease'],
    title: 'Lease',
  },
  published: false,
};

/**
 * One example for each body that the API takes, and for those that it answers with most often, by the name of the schema in
 * /openapi.json. A test compares each with its schema.
 */
export const EXAMPLES: Readonly<Record<string, object>> = {
  NewWebhook: {
    name: 'Archive',
    url: 'https://archive.example.com/ingam',
    types: ['notarization.sealed', 'record.event'],
  },
  WebhookChange: { enabled: true },
  WebhookReplay: { from: { position: 1042 } },
  DocumentInput: {
    sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
    size: 4096,
    details: {
      name: 'contract.pdf',
    },
  },
  DocumentsInput: {
    documents: [
      {
        sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
        size: 4096,
        details: {
          name: 'contract.pdf',
          title: 'Lease',
          tags: ['lease'],
        },
      },
    ],
  },
  Details: {
    name: 'contract.pdf',
    title: 'Lease',
    reference: '2026-117',
    tags: ['lease'],
  },
  NotarizationChange: {
    published: true,
  },
  VerifyInput: {
    sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
  },
  NewHold: {
    reason: 'Lawsuit 2026-117',
    search: {
      tag: 'lease',
    },
  },
  LiftRequest: {
    reason: 'The lawsuit has ended.',
  },
  TagsChange: {
    notarizations: ['26-93e25ce8c4a19126'],
    add: ['lease'],
  },
  NewPublication: {
    note: 'ingam/publish/v1\nlog.example/vectors\n5e60a975cc51144651933e9336c3a3a1df9b5e75189fe201be42b59a359d81bb\ntitle,serial,features,documents,appraisals,reports,keys,history,search\n1764460800000\n\n— kim awkB3Ak0y+/rQlGmEIk22q55yumHs/o4ASXrpuea+qLjmyMEiWIe0GP7dfa7+0w/w1W1Y0jVN0bbnRZP/3qohZnp3w4=\n',
  },
  EventInput: PROPOSAL,
  NewSigningRequest: {
    title: 'Lease',
    message: 'Please sign by Friday.',
    document: {
      sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
      name: 'contract.pdf',
      size: 4096,
    },
    name: 'The tenant',
    expiresAt: '2027-01-31T12:00:00Z',
  },
  SigningContract: {
    record: 'edbac93b4318bc50a62b0b0c91da4340972e5b339116704aa7d4d77d6ef6e377',
  },
  SigningReminder: {
    newLink: true,
  },
  OpenSigning: {
    token: 'k6XyXmWbn0zAqBvJr1b4eQ',
  },
  GiveKey: {
    token: 'k6XyXmWbn0zAqBvJr1b4eQ',
    key: 'tenant+1f1e2d3c+AdWz',
    offer: 'ingam/key/v1\n…',
  },
  DeclineSigning: {
    token: 'k6XyXmWbn0zAqBvJr1b4eQ',
    reason: 'The rent is not the one that we agreed on.',
  },
  DelegateSigning: {
    token: 'k6XyXmWbn0zAqBvJr1b4eQ',
    name: 'The tenant’s lawyer',
  },
  AnswerSigning: {
    token: 'k6XyXmWbn0zAqBvJr1b4eQ',
    ...PROPOSAL,
  },
  HistoryFile: {
    format: 'ingam-history-v1',
    record: 'edbac93b4318bc50a62b0b0c91da4340972e5b339116704aa7d4d77d6ef6e377',
    checkpoint:
      'log.example/vectors\n5\nXN9CyIs+xj0FWMryOuZN8zvX2R2ppIri2r58OXuwClQ=\n\n— log.example/vectors lc1ioNAunPAaKRZl+VWSOo9TqcJkem8mrSb6OPh1nHCl06/sXExHoIVWZtnwBAxVpJKUgsPrSRlaAzk4UAyb7aFulQY=\n',
    blocks: [
      {
        header:
          'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADyR0sbHTfJa6YYjyhF2vT53yXF5N0Tod/1+7THqkHbIpsBBcbuTIEUZwYi9mgrZjmjYc+ALDLB3fftuX+m3BFMAAAAAAAAAAAAAAABAAABm3baq+gEAAAAAAAAABs=',
        path: [
          'dQ2m8bvChYooN2AyWyPfdkvL4Cz3QNcG7SLwSBXnTNk=',
          '/MlIYGqu5lW7QmbFGeCD9qOZU/aaJTGGH2JuwMZhQvk=',
          '6B12hNRfEaUItSD5OigjN4tptzJ2kybFudNdJaQUGtI=',
        ],
        anchors: [],
      },
      {
        header:
          'AQAAAAAAAAABAqfrWI9UgIEyowUFmIBrGAgXZziyjq0jClMToC0lhN4IARbHiu9a2C007yWTc0lcT2HIK23Xfbvfwgc41Y8nITaPG9X3P0WU0P15HQ0qYdne3HCcJI6EvawgVQh3yZFUAAAAAAAAAAEAAAABAAABm3bar9AEAAAAAAAAACQ=',
        path: [
          'jvEnFxoRR4mvzaAv3Yo9dG9IzaK28baeOXwDFT5lCVM=',
          '/MlIYGqu5lW7QmbFGeCD9qOZU/aaJTGGH2JuwMZhQvk=',
          '6B12hNRfEaUItSD5OigjN4tptzJ2kybFudNdJaQUGtI=',
        ],
        anchors: [],
      },
      {
        header:
          'AQAAAAAAAAACDVuCb07CWZ8NA/fgzDwn8FfSSDthEc+7Gz621N233gMPm37pIp/nWG/lRtflCVxIW0pHIMy43U4fbx7CBV7yP+sOC5+X78/lA4uOxL5hES74oarJzLdnon38om5bCDBgAAAAAAAAAAIAAAABAAABm3bas7gEAAAAAAAAABY=',
        path: [
          'AE+KMHVBno+s8WPCQDNclnigQzIFRc6URBZpbvJCTYQ=',
          'NVj0wPE9oODclnRg1LC3/wZUvTyBmv7a+uWYgLcrQJ4=',
          '6B12hNRfEaUItSD5OigjN4tptzJ2kybFudNdJaQUGtI=',
        ],
        anchors: [],
      },
      {
        header:
          'AQAAAAAAAAADDnq1I+107gNsJy2qWzxuQxOS7opnYnGVrggSx4hGWXXx/Lo06EXyemyJrX3eUZttaaABJ+lAV3g01eu7w6zLClRjs50oaU8FeGbxT7HWW5Y/3kKZ4UX9K2svxkKU7uBOAAAAAAAAAAMAAAACAAABm3bat6AEAAAAAAAAAAw=',
        path: [
          'FgtRXpQbttOq9HpkTNrK7DR6HCay7EFdt/NamjgAHwM=',
          'NVj0wPE9oODclnRg1LC3/wZUvTyBmv7a+uWYgLcrQJ4=',
          '6B12hNRfEaUItSD5OigjN4tptzJ2kybFudNdJaQUGtI=',
        ],
        statement:
          '{"beacons":[],"format":"ingam-state-v1","map":{"changes":"fe31ac1e3333e3b8643a899791c910f2203c4acf0a1a8f7f3ef07f4f1cf4a795","records":1,"root":"551fb439f515a46c23093ff86173df9840256efe8b2030ca2a9a29a5f5b70d1d"}}',
        anchors: [],
      },
    ],
    records: {
      edbac93b4318bc50a62b0b0c91da4340972e5b339116704aa7d4d77d6ef6e377: {
        events: [
          {
            ...PROPOSAL,
            entry:
              'AQHtusk7Qxi8UKYrCwyR2kNAly5bM5EWcEqn1Nd9bvbjdwAAAAAAAAFNAAABm3baqAAyYbSo++VLR8AQmxzHGpy1AAAAAAAAAAAAAAAAAAAAACdLw05Pb/4II9Vec8a0T4PqQqhwGzNW3o1F9VxMqKur',
            height: 0,
            index: 0,
            path: [],
          },
          {
            note: 'ingam/event/v1\nlog.example/vectors\nedbac93b4318bc50a62b0b0c91da4340972e5b339116704aa7d4d77d6ef6e377\n1\n0f54849d7fe264f58f52d43d81965c5442e6e0a0999b9afba5a0ca640e25fafd\ncontract.sign\nc9TkUuLsYCW3zeGW7IT7DGJDuz9X9k91OEeLelXDDQM=\n\n— alice Ci8Ey2HAQQRLqxOg3B17K8EmhzAV1nTZnThzmfxp24xueQPqATwkOp+VR2MCNJPKfDcISPoXLFi1tf6qK8bjJ+gXhwI=\n',
            body: {
              nonce: '654e2c87d7820cbeb1b5b550f4316654',
              party: 0,
            },
            entry:
              'AQG4wMMuApCl3VjloKQASu+LS0nNscU8zACVojXKBmfEgAAAAAAAAAFKAAABm3baq+jDpqhTDbtHj7cKbKjHJjqUAAAAAAAAAAAAAAAAAAAAAMz2Zgh2IWAPOjZnqgjyLMcFc0koG5HuKYPn2u7oTnFb',
            height: 1,
            index: 0,
            path: [],
          },
          {
            automatic:
              'ingam/automatic/v1\nlog.example/vectors\nedbac93b4318bc50a62b0b0c91da4340972e5b339116704aa7d4d77d6ef6e377\n2\n1c25fc9ee9b6fbfdcb9b6896ae5d44de09ad503e7e78b4e18f06a44a6ac6b5a8\ncontract.executed\n3\nnotarized 14e4cce86788499d03144f70ab24ca83d1abe97d55153c71ee1df55c5296c1f9\n',
          },
        ],
        state: {
          height: 3,
          siblings: [],
          leaf: {
            key: 'edbac93b4318bc50a62b0b0c91da4340972e5b339116704aa7d4d77d6ef6e377',
            value: 'de9bf958c0c5b34f91f488c7330cd71745afdbd5df49c0ce045b6192ebdcddd0',
          },
        },
      },
    },
    documents: {
      '14e4cce86788499d03144f70ab24ca83d1abe97d55153c71ee1df55c5296c1f9': {
        entry:
          'AQAU5MzoZ4hJnQMUT3CrJMqD0avpfVUVPHHuHfVcUpbB+QAAAAAAAAAKAAABm3bas7hcDu416muNE0yTTAwf6RmIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        height: 3,
        index: 1,
        path: ['LdG1IQBDEQQdiePBMlR1PNWNPerKm4k3+dPs6Gy4sbc='],
      },
    },
  },
  SignIn: {
    email: 'you@example.com',
    password: 'a long sentence of your own',
  },
  ChooseOrganization: {
    organization: 'org_darzjcp67zykr7q23hoe',
  },
  Refresh: {
    refreshToken: 'ref_7mJq0mYkzq1p',
  },
  ChangePassword: {
    current: 'a long sentence of your own',
    next: 'another long sentence of your own',
  },
  PasskeyNeed: {
    needed: true,
    proof: {
      password: 'a long sentence of your own',
    },
  },
  PasskeyProof: {
    proof: {
      password: 'a long sentence of your own',
    },
  },
  PasskeyName: {
    name: 'My laptop',
  },
  DigestChange: { every: 'daily', language: 'en' },
  NewPasswordReset: { email: 'kim@example.com', language: 'en' },
  RedeemPasswordReset: {
    token: 'qTxr1pmbmFwuLNHxKUyiF1v6_cZV3JtT0mJzYJ0bMCo',
    password: 'correct horse battery staple',
  },
  InspectInvitation: {
    token: 'k6XyXmWbn0zAqBvJr1b4eQ',
  },
  RedeemInvitation: {
    token: 'k6XyXmWbn0zAqBvJr1b4eQ',
    name: 'You',
    password: 'a long sentence of your own',
  },
  NewOrganization: {
    name: 'Organization',
    limits: {
      requestsPerMinute: 600,
      digestsPerDay: 10000,
      bytesPerDay: null,
    },
  },
  OrganizationChange: {
    limits: {
      digestsPerDay: 20000,
    },
  },
  PasskeyRequirement: {
    required: true,
  },
  NewUserInput: {
    email: 'you@example.com',
    name: 'You',
    role: 'notary',
  },
  UserChange: {
    role: 'auditor',
  },
  NewKeyInput: {
    name: 'Archive',
    scopes: ['notarize', 'read'],
    networks: ['192.0.2.0/24'],
    expiresAt: '2027-12-31T00:00:00Z',
  },
  PasskeyAssertion: ASSERTION,
  SignInWithPasskey: {
    passkey: ASSERTION,
  },
  NewPasskeyInput: {
    name: 'My laptop',
    clientData: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0',
    authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAAAA',
  },
  Accepted: {
    notarizations: [
      {
        id: '28-5a6c738a80367a84',
        sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
        size: 4096,
        acceptedAt: '2026-11-30T03:48:41.459Z',
        status: 'accepted',
        position: 28,
        entry:
          'AQDlb/oQYAQBeCq160ho2DXKvFPcbYpebQ+mGDBuSZKqfgAAAAAAABAAAAABoiqRs3NabHOKgDZ6hKBGu8nyumZ4S9Hie5wL3IEg7WMXSueAdUoDemuyWirohbH5Eks5d+GhzyRVFTMETtwt3j4aH0RV',
        links: {
          self: '/v1/notarizations/28-5a6c738a80367a84',
          proof: '/v1/notarizations/28-5a6c738a80367a84/proof',
          events: '/v1/notarizations/28-5a6c738a80367a84/events',
        },
        details: {
          name: 'contract.pdf',
          tags: ['lease'],
          title: 'Lease',
        },
      },
    ],
    receipt: RECEIPT,
  },
  Notarization: { ...SEALED, addedTags: [] },
  Register: {
    notarizations: [
      {
        id: '29-4bb6478a7df272f0',
        sha256: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        size: null,
        acceptedAt: '2026-11-30T03:48:41.567Z',
        status: 'sealed',
        position: 29,
        sealedAt: '2026-11-30T03:48:42.266Z',
        block: {
          height: 19,
          index: 1,
        },
        entry:
          'AQCqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqv//////////AAABoiqRs99LtkeKffJy8Hh+PDdwxKPAQ0l2IejcoCMbcVgD4u+7gwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
        links: {
          self: '/v1/notarizations/29-4bb6478a7df272f0',
          proof: '/v1/notarizations/29-4bb6478a7df272f0/proof',
          events: '/v1/notarizations/29-4bb6478a7df272f0/events',
          block: '/v1/blocks/19',
        },
        published: false,
        addedTags: [],
        submittedBy: 'key:3b71886d784151c1',
      },
    ],
    next: '29',
  },
  Verification: {
    verdict: 'verified',
    sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
    steps: [
      {
        number: 1,
        name: 'document',
        outcome: 'passed',
        code: null,
        message: "Your document's fingerprint matches the proof.",
        computed: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
      },
    ],
    time: {
      notBefore: null,
      notAfter: null,
      sources: [],
      of: 0,
      conflict: null,
      anchors: [],
    },
    notarizations: [
      {
        id: '26-93e25ce8c4a19126',
        sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
        size: 4096,
        acceptedAt: '2026-11-30T03:48:13.232Z',
        status: 'sealed',
        position: 26,
        sealedAt: '2026-11-30T03:48:13.754Z',
        block: {
          height: 18,
          index: 0,
        },
        entry:
          'AQDlb/oQYAQBeCq160ho2DXKvFPcbYpebQ+mGDBuSZKqfgAAAAAAABAAAAABoiqRRTCT4lzoxKGRJg8Yhoi3UYSGFE8v35hgskf20zjk9N3u0pnWWLUTGnR3+ecZO5lj0JsfFhxWX+G4a2SIkvQGfo8+',
        links: {
          self: '/v1/notarizations/26-93e25ce8c4a19126',
          proof: '/v1/notarizations/26-93e25ce8c4a19126/proof',
          events: '/v1/notarizations/26-93e25ce8c4a19126/events',
          block: '/v1/blocks/18',
        },
        details: {
          name: 'contract.pdf',
          tags: ['lease'],
          title: 'Lease',
        },
        published: false,
      },
      SEALED,
    ],
    more: false,
  },
  Chain: {
    origin: 'ingam.local/11ea392d',
    verifierKey: 'ingam.local/11ea392d+028c0bb3+Aerl8WmgEZdw2guKs3mhCDx3+XTbGyNGuWmoLcJwGyVH',
    receiptKeys: ['ingam.local/11ea392d/receipt+6d26a018+AR/zhMpN/Ij3E4gnbX7HTRaZ9ItXq4hAaPdbn98WkZrM'],
    height: 19,
    size: 30,
    nextPosition: 30,
    difficulty: 15,
    checkpoint:
      'ingam.local/11ea392d\n20\nFb4KQyjj12gb2Nl43iks/EyvE1U2k/tHyH3U4X3P4v0=\n\n— ingam.local/11ea392d AowLs4rgnlNHdqYXmFa8WtcqsoYXveO6aNSfX64Jvw/igMtyC9Rz5wIwopRfsgFCIbd8Dzv7p5I34w+9SDBQzpMOPQs=\n',
    policy:
      '# Trust policy of the log ingam.local/11ea392d.\n# Before you rely on it, compare the key with the one that its operator gives you in another way.\nlog ingam.local/11ea392d+028c0bb3+Aerl8WmgEZdw2guKs3mhCDx3+XTbGyNGuWmoLcJwGyVH\nquorum none\n# Receipts, which replace a proof until the document is sealed, are signed by ingam.local/11ea392d/receipt+6d26a018+AR/zhMpN/Ij3E4gnbX7HTRaZ9ItXq4hAaPdbn98WkZrM\n',
  },
  Block: {
    height: 0,
    hash: '0000995dd135120cb4815e1f4e78d15978d394705fd30e7a18759911f11b0f84',
    previousHash: '0000000000000000000000000000000000000000000000000000000000000000',
    merkleRoot: 'ab44c137b369f3715d907b1d298ac3413bca8770daec6234652a44a4cf819d09',
    state: '0000000000000000000000000000000000000000000000000000000000000000',
    firstPosition: 0,
    entryCount: 1,
    sealedAt: '2026-11-30T03:29:54.394Z',
    difficulty: 12,
    nonce: '3403',
    header:
      'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACrRME3s2nzcV2Qex0pisNBO8qHcNrsYjRlKkSkz4GdCQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAABoiqAgNoMAAAAAAAADUs=',
    links: {
      self: '/v1/blocks/0',
      header: '/v1/blocks/0/header',
    },
  },
  Problem: {
    type: 'urn:ingam:error:notarization_not_found',
    title: 'Notarization not found',
    status: 404,
    code: 'notarization_not_found',
    detail: 'There is no notarization with this id.',
    requestId: 'be552a90-8205-41a4-8928-9d016be2f33e',
  },
  Session: {
    principal: {
      kind: 'key',
      id: '3b71886d784151c1',
      organization: {
        id: 'org_darzjcp67zykr7q23hoe',
        name: 'Organization',
      },
      scopes: ['notarize', 'read'],
      permissions: ['notarize', 'read'],
    },
    memberships: [],
    policy: {
      anonymousSubmission: true,
      privateVerification: false,
    },
    vault: true,
    signIn: {
      passkeys: false,
      reset: false,
      provider: null,
    },
    accessExpiresAt: null,
  },
  Readiness: {
    ready: true,
    leading: true,
    lagMs: 0,
    durability: 'local',
    problems: [],
    warnings: [],
  },
  Version: {
    version: '0.1.0',
  },
  Health: {
    status: 'ok',
  },
  ResultLine: {
    line: 1,
    id: '28-5a6c738a80367a84',
    sha256: 'e56ffa10600401782ab5eb4868d835cabc53dc6d8a5e6d0fa618306e4992aa7e',
    size: 4096,
    acceptedAt: '2026-11-30T03:48:41.459Z',
    status: 'accepted',
    position: 28,
    entry:
      'AQDlb/oQYAQBeCq160ho2DXKvFPcbYpebQ+mGDBuSZKqfgAAAAAAABAAAAABoiqRs3NabHOKgDZ6hKBGu8nyumZ4S9Hie5wL3IEg7WMXSueAdUoDemuyWirohbH5Eks5d+GhzyRVFTMETtwt3j4aH0RV',
    receipt: RECEIPT,
  },
};
