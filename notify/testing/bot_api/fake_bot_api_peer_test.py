#!/usr/bin/python3
"""The fake Bot API as python-telegram-bot sees it, which is used against the real one.

So the fake does not agree with whatever cpuagg does. Debian's Python runs it, since it has the library.
"""

import json
import os
import struct
import subprocess
import unittest
import warnings
import zlib

warnings.filterwarnings("ignore", message=".*upstream urllib3.*")

import telegram  # noqa: E402
from telegram import error  # noqa: E402
from telegram.utils.request import Request  # noqa: E402

SERVER = "notify/testing/bot_api/fake_bot_api_main"  # in the runfiles
TOKEN = "777:AAanother-token-0123456789_abcdefgh"
CHAT = -1001234567890


def make_png(width, height):
    def chunk(kind, data):
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\x80" * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class FakeBotApiPeerTest(unittest.TestCase):
    def start(self, *faults, token=TOKEN, timeout=30):
        """A bot of python-telegram-bot with a server of its own, which begins with `faults`."""
        arguments = [word for fault in faults for word in ("--fault", fault)]
        # The library reads proxies from the environment.
        environment = {"PATH": os.environ["PATH"], "FAKE_BOT_TOKEN": TOKEN}
        self.server = subprocess.Popen(
            [SERVER, *arguments], stdout=subprocess.PIPE, text=True, env=environment
        )
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        url = self.server.stdout.readline().strip()
        request = Request(read_timeout=timeout, connect_timeout=30)
        self.addCleanup(request.stop)
        return telegram.Bot(token, base_url=url + "/bot", request=request)

    def received(self):
        """What the server says of the next request."""
        return json.loads(self.server.stdout.readline())

    def test_it_ends_in_time_and_by_itself(self):
        environment = {"FAKE_BOT_TOKEN": TOKEN}
        ended = subprocess.run([SERVER, "--seconds", "1"], env=environment, capture_output=True)
        self.assertEqual(ended.returncode, 0)
        self.assertRegex(ended.stdout, rb"^http://127\.0\.0\.1:[0-9]+\n$")
        for words in (["--seconds"], ["--seconds", "0"], ["60"], ["--fault", "earthquake"]):
            self.assertNotEqual(
                subprocess.run([SERVER, *words], capture_output=True).returncode, 0, words
            )

    def test_a_file_is_described(self):
        bot = self.start()
        bot.send_document(CHAT, b"12345", filename="x.txt")
        line = self.received()
        self.assertEqual(line["method"], "sendDocument")
        self.assertEqual(line["fields"]["document"]["bytes"], 5)
        self.assertEqual(line["status_code"], 200)
        self.assertEqual(line["message_id"], 1)

    def test_the_bot_is_one(self):
        bot = self.start()
        me = bot.get_me()
        self.assertTrue(me.is_bot)
        self.assertEqual(me.id, 777)
        self.assertEqual(me.username, "fake_cpuagg_bot")

    def test_chats_are_of_the_kind_that_their_ids_say(self):
        bot = self.start()
        kinds = {
            42: telegram.Chat.PRIVATE,
            -42: telegram.Chat.GROUP,
            CHAT: telegram.Chat.SUPERGROUP,
            "@lab_news": telegram.Chat.CHANNEL,
        }
        for chat_id, kind in kinds.items():
            self.assertEqual(bot.get_chat(chat_id).type, kind, chat_id)
        self.assertEqual(bot.get_chat("@lab_news").username, "lab_news")

    def test_html_becomes_text_with_entities(self):
        bot = self.start()
        message = bot.send_message(
            CHAT,
            "🙂 <b>lab &amp; co</b>\n<pre>USER  h:mm\nroot  1:00</pre>",
            parse_mode=telegram.ParseMode.HTML,
            disable_notification=True,
        )
        self.assertEqual(message.chat.id, CHAT)
        self.assertEqual(message.text, "🙂 lab & co\nUSER  h:mm\nroot  1:00")
        # The library counts in UTF-16 as Telegram does, and would find other words otherwise.
        found = {entity.type: text for entity, text in message.parse_entities().items()}
        self.assertEqual(found, {"bold": "lab & co", "pre": "USER  h:mm\nroot  1:00"})
        self.assertEqual(self.received()["fields"]["disable_notification"].lower(), "true")

    def test_plain_text_stays_as_it_is(self):
        bot = self.start()
        message = bot.send_message(CHAT, "1 < 2 &amp; <b>")
        self.assertEqual(message.text, "1 < 2 &amp; <b>")
        self.assertEqual(message.entities, [])

    def test_replies_are_to_messages_that_are_there(self):
        bot = self.start()
        first = bot.send_message(CHAT, "a report").message_id

        def reply_to(message_id, optional):
            parameters = {
                "message_id": message_id,
                "allow_sending_without_reply": optional,
            }
            return bot.send_message(
                CHAT, "its table", api_kwargs={"reply_parameters": json.dumps(parameters)}
            )

        self.assertGreater(reply_to(first, False).message_id, first)
        self.assertGreater(reply_to(first + 1000, True).message_id, first)
        with self.assertRaisesRegex(error.BadRequest, "Message to be replied not found"):
            reply_to(first + 1000, False)

    def test_a_topic_takes_messages_unless_there_is_none(self):
        bot = self.start()
        bot.send_message(CHAT, "a", api_kwargs={"message_thread_id": 7})
        self.assertEqual(str(self.received()["fields"]["message_thread_id"]), "7")
        with self.assertRaisesRegex(error.BadRequest, "Message thread not found"):
            bot.send_message(CHAT, "a", api_kwargs={"message_thread_id": 1})

    def test_a_photo_goes_up_once_and_is_sent_again_by_its_id(self):
        bot = self.start()
        png = make_png(1280, 720)
        message = bot.send_photo(CHAT, png, caption="<b>lab</b>", parse_mode="HTML")
        largest = message.photo[-1]
        self.assertEqual((largest.width, largest.height), (1280, 720))
        self.assertEqual(message.caption, "lab")
        self.assertEqual(self.received()["fields"]["photo"]["bytes"], len(png))

        again = bot.send_photo("@lab_news", largest.file_id)
        self.assertEqual(again.photo[-1].file_unique_id, largest.file_unique_id)
        self.assertEqual(self.received()["fields"]["photo"], largest.file_id)
        with self.assertRaisesRegex(error.BadRequest, "(?i)file identifier"):
            bot.send_photo(CHAT, "no-such-id")

    def test_a_document_has_its_name(self):
        bot = self.start()
        csv = b"user,cpu_seconds\nroot,1\n"
        message = bot.send_document(CHAT, csv, filename="users.csv", caption="all users")
        self.assertEqual(message.document.file_name, "users.csv")
        self.assertEqual(message.document.file_size, len(csv))
        self.assertEqual(message.document.mime_type, "text/csv")
        again = bot.send_document(CHAT, message.document.file_id)
        self.assertEqual(again.document.file_unique_id, message.document.file_unique_id)

    def test_bad_requests_are_told_apart(self):
        bot = self.start()
        cases = {
            "Chat not found": lambda: bot.send_message("nobody", "a"),
            "Can't parse entities": lambda: bot.send_message(CHAT, "<b>a", parse_mode="HTML"),
            "Message is too long": lambda: bot.send_message(CHAT, "a" * 4097),
            "Message caption is too long": lambda: bot.send_photo(
                CHAT, make_png(10, 10), caption="a" * 1025
            ),
            "Message text is empty": lambda: bot.send_message(CHAT, " "),
        }
        for reason, send in cases.items():
            with self.assertRaisesRegex(error.BadRequest, reason):
                send()
        bot.send_message(CHAT, "a" * 4096)
        bot.send_photo(CHAT, make_png(10, 10), caption="a" * 1024)

    def test_a_wrong_token_is_unauthorized_and_a_malformed_one_is_invalid(self):
        with self.assertRaises(error.Unauthorized):
            self.start(token="778:AAanother-token-0123456789_abcdefgh").get_me()
        with self.assertRaises(error.InvalidToken):
            self.start(token="777:short").get_me()

    def test_a_wait_has_its_length(self):
        bot = self.start("retry-after=7")
        with self.assertRaises(error.RetryAfter) as raised:
            bot.send_message(CHAT, "a")
        self.assertEqual(raised.exception.retry_after, 7)
        self.assertEqual(bot.send_message(CHAT, "a").text, "a")

    def test_several_faults_come_in_their_order(self):
        bot = self.start("retry-after=7", "bad-gateway", "retry-after=9")
        for kind, message in (
            (error.RetryAfter, "7"),
            (error.TelegramError, "Invalid server response"),
            (error.RetryAfter, "9"),
        ):
            with self.assertRaisesRegex(kind, message):
                bot.send_message(CHAT, "a")
        self.assertEqual(bot.send_message(CHAT, "a").text, "a")

    def test_a_migrated_group_has_its_new_id(self):
        bot = self.start(f"migrated={CHAT}")
        with self.assertRaises(error.ChatMigrated) as raised:
            bot.send_message(-42, "a")
        self.assertEqual(raised.exception.new_chat_id, CHAT)

    def test_a_server_that_never_replies_is_timed_out(self):
        bot = self.start("never-reply", timeout=0.5)
        with self.assertRaises(error.TimedOut):
            bot.send_message(CHAT, "a")

    def test_a_connection_that_breaks_is_a_network_error(self):
        bot = self.start("close")
        with self.assertRaisesRegex(error.NetworkError, "Connection aborted"):
            bot.send_message(CHAT, "a")

    def test_a_page_of_another_server_is_no_answer(self):
        bot = self.start("bad-gateway")
        with self.assertRaisesRegex(error.TelegramError, "Invalid server response"):
            bot.send_message(CHAT, "a")


if __name__ == "__main__":
    unittest.main()
