import { hexToBytes } from "../bytes.ts";

/** What a chain's headers must satisfy. */
export interface HeaderRules {
  /** The easiest target, in the compact form of headers: 32 bits. */
  limit: number;
  /** Hash of block 0: the 32 bytes that it spells in hex, as explorers write it. */
  genesis: Uint8Array;
  /** Whether the target follows the time that 2,016 blocks took, and is the same in between. */
  retargets: boolean;
}

const MAINNET_LIMIT = 0x1d00ffff;

/**
 * Those of Bitcoin's chains. On the two testnets a block may be easier where the one before is 20 minutes old, and on regtest
 * nothing is adjusted: there each header's work is checked against its own target.
 *
 * @see Bitcoin Core, src/kernel/chainparams.cpp
 */
export const RULES: ReadonlyMap<string, HeaderRules> = new Map(
  Object.entries({
    mainnet: rulesOf("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f", MAINNET_LIMIT, true),
    testnet: rulesOf("000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943", MAINNET_LIMIT, false),
    testnet4: rulesOf("00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043", MAINNET_LIMIT, false),
    signet: rulesOf("00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6", 0x1e0377ae, true),
    regtest: rulesOf("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", 0x207fffff, false),
  }),
);

function rulesOf(genesis: string, limit: number, retargets: boolean): HeaderRules {
  return { limit, genesis: hexToBytes(genesis), retargets };
}
