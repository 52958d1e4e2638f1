"""The full round with the unmodified official SDK for Python.

Each step prints one line; steps build on each other, and all are tried whatever became of one.
"""

import os
import sys
import threading
import time

from mns.account import Account
from mns.message_property import (
    MessagePropertyValue,
    MessageSystemPropertyValue,
    SystemPropertyName,
)
from mns.mns_exception import MNSServerException
from mns.pkg_info import name, version
from mns.queue import Message, QueueMeta

ENDPOINT = os.environ["SMQ_ENDPOINT"]
KEY_ID = os.environ["SMQ_KEY_ID"]
KEY_SECRET = os.environ["SMQ_KEY_SECRET"]
NAME = os.environ["SMQ_QUEUE"]
BODY = "hello \u4f60\u597d <&>\n  two lines"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
GARBAGE = "1-ODU4OTkzLTItNg"


def open_queue(key_id=KEY_ID, secret=KEY_SECRET, queue=NAME):
    return Account(ENDPOINT, key_id, secret).get_queue(queue)


def expect(condition, what):
    if not condition:
        raise AssertionError("expected that " + what)


def refused(code, call, *arguments):
    """Expects the service to refuse the call with this code; returns the error."""
    try:
        call(*arguments)
    except MNSServerException as error:
        expect(error.type == code, "it is refused with %s, not %s" % (code, error.type))
        return error
    raise AssertionError("expected %s, got success" % code)


class Round:
    def __init__(self):
        self.queue = open_queue()
        self.sent = None
        self.received = None
        self.batch = []

    def create(self):
        url = self.queue.create(QueueMeta(vis_timeout=20))
        expect(url.endswith("/queues/" + NAME), "its address is told, not %s" % url)

    def create_again_with_the_same_attributes(self):
        self.queue.create(QueueMeta(vis_timeout=20))

    def create_again_with_other_attributes(self):
        refused("QueueAlreadyExist", self.queue.create, QueueMeta(vis_timeout=21))

    def set_and_get_attributes(self):
        self.queue.set_attributes(QueueMeta(vis_timeout=25))
        attributes = self.queue.get_attributes()
        expect(attributes.visibility_timeout == 25, "the new value is read")
        expect(attributes.queue_name == NAME, "the name is told")
        expect(attributes.logging_enabled is False, "logging is off")

    def list_by_prefix_page_by_page(self):
        account = Account(ENDPOINT, KEY_ID, KEY_SECRET)
        second = open_queue(queue=NAME + "-2")
        second.create(QueueMeta())
        urls, marker = account.list_queue(NAME, 1)
        expect([url.split("/")[-1] for url in urls] == [NAME], "a page holds one queue")
        urls, marker = account.list_queue(NAME, 1, marker)
        expect(urls[0].endswith("/queues/%s-2" % NAME), "the second page follows")
        expect(marker == "", "the last page has no marker")
        second.delete()

    def receive_from_an_empty_queue(self):
        refused("MessageNotExist", self.queue.receive_message)

    def send_with_properties(self):
        message = Message(BODY, priority=3)
        message.add_user_property("text", MessagePropertyValue.create_string("a <b> & c"))
        message.add_user_property("count", MessagePropertyValue.create_number(42))
        message.add_user_property("flag", MessagePropertyValue.create_boolean(True))
        message.add_user_property("bytes", MessagePropertyValue.create_binary(b"\x00\x01\xff"))
        message.add_system_property(
            SystemPropertyName.TRACEPARENT, MessageSystemPropertyValue.create_string(TRACE)
        )
        self.sent = self.queue.send_message(message)
        expect(len(self.sent.message_id) == 32, "it gets an id")

    def peek(self):
        peeked = self.queue.peek_message()
        expect(peeked.message_id == self.sent.message_id, "the message is seen")
        expect(peeked.dequeue_count == 0, "a peek does not count")

    def receive(self):
        self.received = message = self.queue.receive_message_with_str_body(1)
        expect(message.message_id == self.sent.message_id, "the same message comes")
        expect(message.message_body == BODY, "its body is whole")
        expect(message.message_body_md5 == self.sent.message_body_md5, "its digest is the same")
        expect(message.dequeue_count == 1, "it is received for the first time")
        expect(message.priority == 3, "its priority is kept")
        properties = {
            key: (value.get_data_type(), value.get_raw_value())
            for key, value in message.get_user_properties().items()
        }
        expected = {
            "text": ("STRING", "a <b> & c"),
            "count": ("NUMBER", "42"),
            "flag": ("BOOLEAN", "true"),
            "bytes": ("BINARY", b"\x00\x01\xff"),
        }
        expect(properties == expected, "the user properties come back, not %r" % properties)
        trace = message.get_system_properties()[SystemPropertyName.TRACEPARENT]
        expect(trace.get_raw_value() == TRACE, "the system property comes back")
        refused("MessageNotExist", self.queue.receive_message)

    def change_visibility(self):
        before = time.time() * 1000
        changed = self.queue.change_message_visibility(self.received.receipt_handle, 1)
        left = int(changed.next_visible_time) - before
        expect(0 < left < 5000, "it counts from now, not %d ms" % left)

    def receive_again_when_visibility_ends(self):
        again = self.queue.receive_message(10)
        expect(again.message_id == self.sent.message_id, "the same message comes")
        expect(again.dequeue_count == 2, "it says that it is a repeat")
        stale = self.received.receipt_handle
        refused("MessageNotExist", self.queue.delete_message, stale)
        self.received = self.queue.change_message_visibility(again.receipt_handle, 60)

    def delete(self):
        self.queue.delete_message(self.received.receipt_handle)

    def delete_with_a_stale_handle(self):
        refused("MessageNotExist", self.queue.delete_message, self.received.receipt_handle)

    def delete_with_a_garbage_handle(self):
        refused("ReceiptHandleError", self.queue.delete_message, GARBAGE)

    def batch_send(self):
        messages = [Message("message %d" % index) for index in range(16)]
        for index, message in enumerate(messages):
            message.add_user_property("index", MessagePropertyValue.create_number(index))
        self.batch = self.queue.batch_send_message(messages)
        expect(len(self.batch) == 16, "each gets its answer")

    def batch_peek(self):
        peeked = self.queue.batch_peek_message(16)
        ids = {message.message_id for message in peeked}
        expect(ids == {message.message_id for message in self.batch}, "all are seen")

    def batch_receive(self):
        ids = {message.message_id for message in self.batch}
        self.batch = self.queue.batch_receive_message_with_str_body(16, 1)
        expect({message.message_id for message in self.batch} == ids, "all come")
        for message in self.batch:
            index = message.get_user_properties()["index"].get_raw_value()
            expect(message.message_body == "message " + index, "each has its own property")
        refused("MessageNotExist", self.queue.batch_receive_message, 16)

    def batch_delete_with_one_garbage_handle(self):
        *handles, last = [message.receipt_handle for message in self.batch]
        error = refused("ReceiptHandleError", self.queue.batch_delete_message, handles + [GARBAGE])
        failed = [each["ReceiptHandle"] for each in error.sub_errors]
        expect(failed == [GARBAGE], "only the garbage handle fails, not %r" % failed)
        refused("MessageNotExist", self.queue.delete_message, handles[0])
        self.queue.delete_message(last)

    def delayed_send(self):
        self.queue.send_message(Message("later", delay_seconds=1))
        refused("MessageNotExist", self.queue.receive_message)
        self.queue.delete_message(self.queue.receive_message(10).receipt_handle)

    def long_poll_woken_by_a_send(self):
        # A client of its own: the SDK holds one connection each.
        sender = threading.Timer(0.5, open_queue().send_message, [Message("at last")])
        started = time.time()
        sender.start()
        received = self.queue.receive_message(20)
        waited = time.time() - started
        expect(0.3 < waited < 15, "the send wakes it, not after %.1f s" % waited)
        self.queue.delete_message(received.receipt_handle)
        sender.join()

    def unknown_key(self):
        refused("InvalidAccessKeyId", open_queue("nobody", "x").receive_message)

    def wrong_secret(self):
        refused("SignatureDoesNotMatch", open_queue(KEY_ID, "wrong").receive_message)

    def delete_queue(self):
        self.queue.delete()

    def send_to_a_queue_that_is_gone(self):
        refused("QueueNotExist", self.queue.send_message, Message("nobody home"))


STEPS = (
    Round.create,
    Round.create_again_with_the_same_attributes,
    Round.create_again_with_other_attributes,
    Round.set_and_get_attributes,
    Round.list_by_prefix_page_by_page,
    Round.receive_from_an_empty_queue,
    Round.send_with_properties,
    Round.peek,
    Round.receive,
    Round.change_visibility,
    Round.receive_again_when_visibility_ends,
    Round.delete,
    Round.delete_with_a_stale_handle,
    Round.delete_with_a_garbage_handle,
    Round.batch_send,
    Round.batch_peek,
    Round.batch_receive,
    Round.batch_delete_with_one_garbage_handle,
    Round.delayed_send,
    Round.long_poll_woken_by_a_send,
    Round.unknown_key,
    Round.wrong_secret,
    Round.delete_queue,
    Round.send_to_a_queue_that_is_gone,
)


def main():
    print("version %s-%s" % (name, version))
    the_round = Round()
    failures = 0
    for step in STEPS:
        title = step.__name__.replace("_", " ")
        try:
            step(the_round)
            print("ok %s" % title)
        except Exception as error:  # the next step is tried all the same
            failures += 1
            print("FAIL %s: %r" % (title, error))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
