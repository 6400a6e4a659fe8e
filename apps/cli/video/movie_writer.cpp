#include "movie_writer.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <new>
#include <string_view>
#include <utility>

#include "colors.h"
#include "failure.h"
#include "temporary_file.h"

namespace backdrop::cli {
namespace {

namespace fs = std::filesystem;

std::string kind_of(const AVStream& stream) {
  const char* kind = av_get_media_type_string(stream.codecpar->codec_type);
  return kind ? kind : "unknown";
}

// Other videos, covers, and pictures that Matroska has as files.
bool may_show_the_room(const AVStream& stream) {
  if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO) return true;
  const AVDictionaryEntry* kind = av_dict_get(stream.metadata, "mimetype", nullptr, 0);
  const std::string_view name = kind ? kind->value : "";
  return name.starts_with("image/") || name.starts_with("video/");
}

// Data that the muxer makes anew from what is copied elsewhere: chapters and timecodes.
bool is_made_anew(const AVStream& stream) {
  constexpr std::uint32_t kChapters = MKTAG('t', 'e', 'x', 't');
  constexpr std::uint32_t kTimecode = MKTAG('t', 'm', 'c', 'd');
  const AVCodecParameters& codec = *stream.codecpar;
  return (codec.codec_id == AV_CODEC_ID_BIN_DATA && codec.codec_tag == kChapters) ||
         codec.codec_tag == kTimecode;
}

bool is_taken(const AVOutputFormat& muxer, const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  const bool is_matroska =
      std::string_view(muxer.name) == "matroska" || std::string_view(muxer.name) == "webm";
  if (codec.codec_type == AVMEDIA_TYPE_ATTACHMENT) {
    return std::string_view(muxer.name) == "matroska";
  }
  if (codec.codec_type == AVMEDIA_TYPE_DATA || codec.codec_type == AVMEDIA_TYPE_UNKNOWN) {
    return !is_matroska && muxer.codec_tag &&
           av_codec_get_tag(muxer.codec_tag, codec.codec_id) == codec.codec_tag &&
           codec.codec_tag != 0;
  }
  unsigned tag = 0;  // Matroska has one for what it has no name of its own for
  return avformat_query_codec(&muxer, codec.codec_id, FF_COMPLIANCE_NORMAL) == 1 ||
         (std::string_view(muxer.name) == "matroska" &&
          av_codec_get_tag2(muxer.codec_tag, codec.codec_id, &tag) != 0);
}

// The tag stays where it means the same in the output's container.
void settle_tag(const AVOutputFormat& muxer, AVCodecParameters& codec) {
  unsigned tag = 0;
  const bool is_right = !muxer.codec_tag ||
                        av_codec_get_id(muxer.codec_tag, codec.codec_tag) == codec.codec_id ||
                        av_codec_get_tag2(muxer.codec_tag, codec.codec_id, &tag) == 0;
  if (!is_right) codec.codec_tag = 0;
}

// Some muxers find out only when they begin that a stream can't be in them.
bool can_begin(const AVOutputFormat& muxer, const AVStream& stream) {
  AVFormatContext* trial = nullptr;
  check_av(avformat_alloc_output_context2(&trial, &muxer, nullptr, nullptr));
  AVStream* only = avformat_new_stream(trial, nullptr);
  bool is_good = only && avio_open_dyn_buf(&trial->pb) >= 0;
  if (is_good) {
    only->time_base = stream.time_base;
    is_good = avcodec_parameters_copy(only->codecpar, stream.codecpar) >= 0;
    settle_tag(muxer, *only->codecpar);
    is_good = is_good && avformat_init_output(trial, nullptr) >= 0;
    std::uint8_t* written = nullptr;
    avio_close_dyn_buf(trial->pb, &written);
    av_free(written);
  }
  avformat_free_context(trial);
  return is_good;
}

// What describes the source's file, and would be wrong of the output.
void drop(AVDictionary** metadata, std::initializer_list<const char*> keys) {
  for (const char* key : keys) av_dict_set(metadata, key, nullptr, 0);
}

void drop_what_described_the_video(AVDictionary** metadata) {
  drop(metadata,
       {"encoder", "alpha_mode", "rotate", "DURATION", "BPS", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES",
        "_STATISTICS_TAGS", "_STATISTICS_WRITING_APP", "_STATISTICS_WRITING_DATE_UTC"});
}

void copy_chapters(const AVFormatContext& from, AVFormatContext& to) {
  if (from.nb_chapters == 0) return;
  to.chapters = static_cast<AVChapter**>(av_calloc(from.nb_chapters, sizeof(AVChapter*)));
  if (!to.chapters) throw std::bad_alloc();
  for (unsigned i = 0; i < from.nb_chapters; ++i) {
    auto* chapter = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    if (!chapter) throw std::bad_alloc();
    to.chapters[to.nb_chapters++] = chapter;
    chapter->id = from.chapters[i]->id;
    chapter->time_base = from.chapters[i]->time_base;
    chapter->start = from.chapters[i]->start;
    chapter->end = from.chapters[i]->end;
    check_av(av_dict_copy(&chapter->metadata, from.chapters[i]->metadata, 0));
  }
}

}  // namespace

void MovieWriter::FreeMuxer::operator()(AVFormatContext* muxer) const {
  avio_closep(&muxer->pb);
  avformat_free_context(muxer);
}

MovieWriter::MovieWriter(const std::string& path, const OutputChoice& output,
                         const Container& container, const Encoding& encoding, const Source& source,
                         const AVFrame& first)
    : source_(source), path_(path), container_(container) {
  const std::string address = path == "-" ? "pipe:1" : "file:" + path;
  AVFormatContext* muxer = nullptr;
  check_av(avformat_alloc_output_context2(&muxer, nullptr, container.muxer, address.c_str()));
  muxer_.reset(muxer);
  open_encoder(output, encoding, first);
  add_video(first);
  if (container.has_other_streams()) {
    add_copies();
    copy_metadata();
  }
  if (!container.is_pictures) write_head();
}

MovieWriter::~MovieWriter() = default;

void MovieWriter::open_encoder(const OutputChoice& output, const Encoding& encoding,
                               const AVFrame& first) {
  AVStream& from = source_.video();
  codec_.reset(avcodec_alloc_context3(encoding.codec));
  if (!codec_) throw std::bad_alloc();
  codec_->width = first.width;
  codec_->height = first.height;
  codec_->pix_fmt = encoding.format;
  codec_->time_base = from.time_base;
  codec_->framerate = av_guess_frame_rate(&source_.file(), &from, nullptr);
  codec_->sample_aspect_ratio = first.sample_aspect_ratio;
  codec_->color_range = first.color_range;
  codec_->colorspace = is_rgb(encoding.format) ? AVCOL_SPC_RGB : first.colorspace;
  codec_->color_primaries = first.color_primaries;
  codec_->color_trc = first.color_trc;
  codec_->chroma_sample_location = first.chroma_location;
  if (is_interlaced(first) && encoding.codec->id == AV_CODEC_ID_H264) {
    codec_->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
    codec_->field_order = has_top_field_first(first) ? AV_FIELD_TT : AV_FIELD_BB;
  } else {
    codec_->field_order = AV_FIELD_PROGRESSIVE;
    if (is_interlaced(first)) {
      notes_.emplace_back("its pictures are interlaced, and are progressive in the output");
    }
  }
  if ((muxer_->oformat->flags & AVFMT_GLOBALHEADER) != 0) {
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  }
  Dictionary options;
  set_up(*codec_, options, output);
  const int status = avcodec_open2(codec_.get(), encoding.codec, options.entries());
  if (status < 0) {
    throw Failure(std::string("the encoder ") + encoding.codec->name +
                  " can't be opened: " + reason_of(status));
  }
}

void MovieWriter::add_video(const AVFrame& first) {
  const AVStream& from = source_.video();
  video_ = avformat_new_stream(muxer_.get(), nullptr);
  if (!video_) throw std::bad_alloc();
  check_av(avcodec_parameters_from_context(video_->codecpar, codec_.get()));
  const bool is_mp4 = container_.keeps_orientation;
  if (is_mp4 && codec_->codec_id == AV_CODEC_ID_HEVC) {
    video_->codecpar->codec_tag = MKTAG('h', 'v', 'c', '1');  // what Apple's players ask for
  }
  video_->time_base = codec_->time_base;
  video_->avg_frame_rate = from.avg_frame_rate;
  video_->sample_aspect_ratio = first.sample_aspect_ratio;
  video_->disposition = from.disposition;
  for (const AVPacketSideDataType type :
       {AV_PKT_DATA_DISPLAYMATRIX, AV_PKT_DATA_STEREO3D, AV_PKT_DATA_SPHERICAL}) {
    const bool is_kept = type != AV_PKT_DATA_DISPLAYMATRIX || container_.keeps_orientation;
    const std::span<const std::uint8_t> data = side_data(from, type);
    if (is_kept && !data.empty()) set_side_data(*video_, type, data);
  }
}

void MovieWriter::add_copies() {
  const AVFormatContext& file = source_.file();
  for (; seen_streams_ < file.nb_streams; ++seen_streams_) {
    const AVStream& stream = *file.streams[seen_streams_];
    if (&stream == &source_.video() || is_made_anew(stream)) continue;
    if (may_show_the_room(stream)) {
      leave_out(stream, "it may show the room");
    } else if (!is_taken(*muxer_->oformat, stream) || !can_begin(*muxer_->oformat, stream)) {
      leave_out(stream, std::string("it can't be in ") + container_.muxer);
    } else {
      add_copy(stream);
    }
  }
}

void MovieWriter::add_copy(const AVStream& from) {
  AVStream* to = avformat_new_stream(muxer_.get(), nullptr);
  if (!to) throw std::bad_alloc();
  check_av(avcodec_parameters_copy(to->codecpar, from.codecpar));
  settle_tag(*muxer_->oformat, *to->codecpar);
  copy_side_data(from, *to);
  to->time_base = from.time_base;
  to->avg_frame_rate = from.avg_frame_rate;
  to->sample_aspect_ratio = from.sample_aspect_ratio;
  to->disposition = from.disposition;
  check_av(av_dict_copy(&to->metadata, from.metadata, 0));
  copies_[from.index] = to->index;
}

void MovieWriter::copy_metadata() {
  check_av(av_dict_copy(&muxer_->metadata, source_.file().metadata, 0));
  drop(&muxer_->metadata, {"encoder", "major_brand", "minor_version", "compatible_brands"});
  check_av(av_dict_copy(&video_->metadata, source_.video().metadata, 0));
  drop_what_described_the_video(&video_->metadata);
  copy_chapters(source_.file(), *muxer_);
}

void MovieWriter::write_head() {
  check_av(avio_open(&muxer_->pb, muxer_->url, AVIO_FLAG_WRITE));
  check_av(avformat_write_header(muxer_.get(), nullptr));
  latest_.resize(muxer_->nb_streams);
}

void MovieWriter::write(const AVFrame& frame, std::int64_t duration) {
  durations_[frame.pts] = duration;
  check_av(avcodec_send_frame(codec_.get(), &frame));
  receive_packets();
}

void MovieWriter::receive_packets() {
  const PacketPtr packet = make_packet();
  while (true) {
    const int status = avcodec_receive_packet(codec_.get(), packet.get());
    if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return;
    check_av(status);
    if (auto found = durations_.extract(packet->pts)) packet->duration = found.mapped();
    packet->stream_index = video_->index;
    av_packet_rescale_ts(packet.get(), codec_->time_base, video_->time_base);
    if (container_.is_pictures) {
      write_picture(*packet);
    } else {
      mux(*packet);
    }
  }
}

void MovieWriter::write_picture(const AVPacket& packet) {
  const fs::path pattern = path_;
  std::array<char, 1024> name{};
  check_av(
      av_get_frame_filename(name.data(), name.size(), pattern.filename().c_str(), ++pictures_));
  TemporaryFile file((pattern.parent_path() / name.data()).string());
  file.write_all({packet.data, static_cast<std::size_t>(packet.size)});
  file.take_place();
  bytes_ += packet.size;
}

void MovieWriter::leave_out(const AVStream& stream, const std::string& reason) {
  notes_.push_back("its stream " + std::to_string(stream.index) + " (" + kind_of(stream) + ", " +
                   avcodec_get_name(stream.codecpar->codec_id) + ") is left out: " + reason);
}

void MovieWriter::copy(AVPacket& packet) {
  if (!container_.has_other_streams()) return;
  const AVFormatContext& file = source_.file();
  for (; seen_streams_ < file.nb_streams; ++seen_streams_) {
    leave_out(*file.streams[seen_streams_], "it begins too late");
  }
  const auto found = copies_.find(packet.stream_index);
  if (found == copies_.end()) return;
  const AVRational from = file.streams[packet.stream_index]->time_base;
  packet.stream_index = found->second;
  packet.pos = -1;
  av_packet_rescale_ts(&packet, from, muxer_->streams[packet.stream_index]->time_base);
  mux(packet);
}

void MovieWriter::mux(AVPacket& packet) {
  const std::lock_guard lock(mutex_);
  std::optional<std::int64_t>& latest = latest_[static_cast<std::size_t>(packet.stream_index)];
  // Muxers reject times that go back, as damaged files have.
  if (packet.dts == AV_NOPTS_VALUE) packet.dts = packet.pts;
  if (latest && packet.dts != AV_NOPTS_VALUE && packet.dts <= *latest) {
    const bool is_strict = (muxer_->oformat->flags & AVFMT_TS_NONSTRICT) == 0;
    packet.dts = *latest + (is_strict ? 1 : 0);
    if (packet.pts != AV_NOPTS_VALUE) packet.pts = std::max(packet.pts, packet.dts);
  }
  if (packet.dts != AV_NOPTS_VALUE) latest = packet.dts;
  bytes_ += packet.size;
  const bool is_copy = packet.stream_index != video_->index;
  const int status = av_interleaved_write_frame(muxer_.get(), &packet);
  check_file();
  // What a damaged source has is no reason to lose the rest.
  if (is_copy && (status == AVERROR_INVALIDDATA || status == AVERROR(EINVAL))) {
    ++lost_packets_;
  } else {
    check_av(status);
  }
}

void MovieWriter::check_file() const { check_av(muxer_->pb->error); }

void MovieWriter::finish() {
  check_av(avcodec_send_frame(codec_.get(), nullptr));
  receive_packets();
  if (container_.is_pictures) return;
  const std::lock_guard lock(mutex_);
  check_av(av_write_trailer(muxer_.get()));
  check_file();
  check_av(avio_closep(&muxer_->pb));
}

}  // namespace backdrop::cli
