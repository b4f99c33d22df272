/** Whether the platform has a network at all. That it has one says nothing about the server. */
export interface Connectivity {
  /** False: there is none, and nothing is tried by itself. In doubt true. */
  isOnline(): boolean;
  /**
   * Calls the listener whenever that may have changed.
   *
   * @param listener throws nothing
   * @returns forgets it
   */
  onChange(listener: () => void): () => void;
}

const EVENTS = ["online", "offline"];

/** Browsers and their workers say it; of a platform that does not, as Node and React Native, it is taken as online. */
export const platformConnectivity: Connectivity = {
  isOnline: () => globalThis.navigator?.onLine !== false,
  onChange(listener) {
    for (const event of EVENTS) globalThis.addEventListener?.(event, listener);
    return () => {
      for (const event of EVENTS) globalThis.removeEventListener?.(event, listener);
    };
  },
};
