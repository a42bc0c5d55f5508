// The package has no types of its own.
declare module 'seek-bzip' {
  interface ByteInput {
    readByte(): number;
    eof(): boolean;
  }
  interface Bunzip {
    /** Fills buffers through `readByte`. */
    Stream: new () => object;
    /** @throws {TypeError} where the input is no bzip2 stream, or a broken one */
    decode(input: ByteInput, output: { writeByte(byte: number): void }, isMany: boolean): void;
  }
  const bunzip: Bunzip;
  export default bunzip;
}
