export { InvalidMnemonicError, mnemonicToSeed } from "./seed/mnemonic.ts";
