// Calls in the page.

/** Sends a track to another peer of the page; returns the track received there, and what ends the call. */
export async function connect(track) {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
  const receives = new Promise((resolve) => {
    there.ontrack = (event) => resolve(event.track);
  });
  here.addTrack(track);
  await here.setLocalDescription();
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription();
  await here.setRemoteDescription(there.localDescription);
  const close = () => [here, there].forEach((peer) => peer.close());
  return { received: await receives, there, close };
}

/** The number of frames of the track that the other side of a call receives in this many seconds. */
export async function countReceived(track, seconds) {
  const { there, close } = await connect(track);
  const received = async () => {
    const reports = [...(await there.getStats()).values()];
    return reports.find(({ type }) => type === 'inbound-rtp')?.framesReceived ?? 0;
  };
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  while ((await received()) < 10) await sleep(100);
  const first = await received();
  const start = performance.now();
  await sleep(1000 * seconds);
  const count = (await received()) - first;
  const share = (1000 * seconds) / (performance.now() - start);
  close();
  return count * share;
}
