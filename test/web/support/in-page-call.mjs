// A call in the page, which measures what the other side receives of a track.

/** The number of frames of the track that the other side of a call receives in this many seconds. */
export async function countReceived(track, seconds) {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
  here.addTrack(track);
  await here.setLocalDescription();
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription();
  await here.setRemoteDescription(there.localDescription);

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
  here.close();
  there.close();
  return count * share;
}
