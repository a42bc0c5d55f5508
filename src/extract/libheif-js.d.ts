/** The part of libheif-js that we use; the package ships no types for its wrapper. */
declare module 'libheif-js/libheif-wasm/libheif-bundle.js' {
  interface Bitmap {
    data: Uint8Array | Uint8ClampedArray;
    width: number;
    height: number;
  }
  export interface HeifImage {
    get_width(): number;
    get_height(): number;
    /** Decodes into the bitmap; `null` where it cannot. */
    display(bitmap: Bitmap, callback: (filled: Bitmap | null) => void): void;
    free(): void;
  }
  interface Libheif {
    HeifDecoder: new () => {
      /** The pictures of a file, not yet decoded; none where it is broken. */
      decode(bytes: Uint8Array): HeifImage[];
    };
  }
  /** A new instance of the library. */
  export default function createLibheif(): Libheif | Promise<Libheif>;
}
