"""An application of the cloud, with the unmodified SDKs for Python: send, mass send, template, webhook settings, token, pull.

Each step prints one line; steps build on each other, and all are tried whatever became of one.
"""

import importlib.metadata
import json
import os
import sys
import time

from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkdybaseapi.request.v20170525.QueryTokenForMnsQueueRequest import QueryTokenForMnsQueueRequest
from darabonba.exceptions import DaraException
from mns.account import Account
from mns.mns_exception import MNSExceptionBase

URL = os.environ["CHASQUI"]
ENDPOINT = URL.split("//")[1]
KEY_ID = os.environ["KEY_ID"]
KEY_SECRET = os.environ["KEY_SECRET"]
QUEUE = "Alicom-Queue-%s-ChatAppStatus" % os.environ["ACCOUNT"]
NUMBER = "15550100001"
NAME = "hello_%d" % os.getpid()


def open_client(secret=KEY_SECRET):
    return Client(
        Config(access_key_id=KEY_ID, access_key_secret=secret, endpoint=ENDPOINT, protocol="http")
    )


def open_old(secret=KEY_SECRET):
    client = AcsClient(KEY_ID, secret, "cn-hangzhou")
    client.add_endpoint("cn-hangzhou", "Dybaseapi", ENDPOINT)
    return client


def expect(condition, what):
    if not condition:
        raise AssertionError("expected that " + what)


class Round:
    def __init__(self):
        self.client = open_client()
        self.code = None
        self.ids = set()
        self.token = None

    def settings(self):
        request = models.UpdatePhoneWebhookRequest(
            cust_space_id="sandbox", phone_number=NUMBER, queue_flag="Y"
        )
        expect(self.client.update_phone_webhook(request).body.code == "OK", "the settings are taken")
        numbers = self.client.query_chatapp_phone_numbers(
            models.QueryChatappPhoneNumbersRequest(cust_space_id="sandbox")
        ).body.phone_numbers
        own = [number for number in numbers if number.phone_number == NUMBER]
        expect(own[0].status_queue == QUEUE, "the number says which queue its statuses go to")

    def send(self):
        body = self.client.send_chatapp_message(
            models.SendChatappMessageRequest(
                channel_type="whatsapp",
                type="message",
                message_type="text",
                from_=NUMBER,
                to="15550002220",
                content=json.dumps({"text": "hello \u4f60\u597d + 100% *~"}),
                task_id="python",
            )
        ).body
        expect(body.code == "OK", "the message is taken, not %s %s" % (body.code, body.message))
        self.ids.add(body.message_id)

    def refuse(self):
        body = self.client.send_chatapp_message(
            models.SendChatappMessageRequest(
                channel_type="whatsapp", type="message", message_type="text", from_=NUMBER, to="+1555", content="{}"
            )
        ).body
        expect(body.code == "InvalidParameter.ToOnlyNumeric", "a plus is refused, with %s" % body.code)

    def template(self):
        component = models.CreateChatappTemplateRequestComponents(type="BODY", text="Hello $(name)")
        body = self.client.create_chatapp_template(
            models.CreateChatappTemplateRequest(
                name=NAME,
                language="en",
                category="UTILITY",
                template_type="WHATSAPP",
                cust_space_id="sandbox",
                components=[component],
                example={"name": "Bob"},
            )
        ).body
        expect(body.code == "OK", "the template is taken, not %s %s" % (body.code, body.message))
        self.code = body.data.template_code
        request = models.GetChatappTemplateDetailRequest(
            cust_space_id="sandbox", template_code=self.code, language="en"
        )
        for _ in range(100):
            detail = self.client.get_chatapp_template_detail(request).body.data
            if detail.audit_status == "pass":
                return
            time.sleep(0.1)
        raise AssertionError("expected that the template passes its review")

    def mass_send(self):
        recipients = [
            models.SendChatappMassMessageRequestSenderList(
                to="1555000%03d4" % number, template_params={"name": "Bob"}
            )
            for number in range(200)
        ]
        body = self.client.send_chatapp_mass_message(
            models.SendChatappMassMessageRequest(
                channel_type="whatsapp",
                from_=NUMBER,
                language="en",
                template_code=self.code,
                sender_list=recipients,
            )
        ).body
        expect(body.code == "OK", "the mass is taken, not %s %s" % (body.code, body.message))
        rows = self.client.list_chatapp_message(
            models.ListChatappMessageRequest(
                channel_type="WHATSAPP",
                business_number=NUMBER,
                cust_space_id="sandbox",
                group_message_id=body.group_message_id,
                page=models.ListChatappMessageRequestPage(index=1, size=100),
            )
        ).body.data
        expect(len(rows) == 100, "a page of the group is listed, not %d" % len(rows))
        expect(rows[0].message == "Hello Bob", "the text is told, not %s" % rows[0].message)

    def ask_for_a_token(self):
        request = QueryTokenForMnsQueueRequest()
        request.set_MessageType("ChatAppStatus")
        request.set_QueueName(QUEUE)
        answer = json.loads(open_old().do_action_with_exception(request))
        expect(answer["Code"] == "OK", "there is a token, not %s" % answer["Code"])
        self.token = answer["MessageTokenDTO"]

    def pull(self):
        account = Account(
            URL, self.token["AccessKeyId"], self.token["AccessKeySecret"], self.token["SecurityToken"]
        )
        queue = account.get_queue(QUEUE)
        wanted = {(key, status) for key in self.ids for status in ("Sent", "Delivered", "Read")}
        end = time.time() + 60
        while wanted:
            expect(time.time() < end, "all statuses come; %s do not" % wanted)
            try:
                messages = queue.batch_receive_message(16, 2)
            except MNSExceptionBase as error:
                expect(error.type == "MessageNotExist", "the pull works, not %s" % error)
                continue
            for message in messages:
                receipt = json.loads(message.message_body)
                wanted.discard((receipt["MessageId"], receipt["Status"]))
                queue.delete_message(message.receipt_handle)

    def keep_the_token_to_its_queue(self):
        account = Account(
            URL, self.token["AccessKeyId"], self.token["AccessKeySecret"], self.token["SecurityToken"]
        )
        try:
            account.get_queue(QUEUE.replace("Status", "Inbound")).receive_message(0)
        except MNSExceptionBase as error:
            expect(error.type == "AccessDenied", "another queue is denied, not %s" % error.type)
            return
        raise AssertionError("expected that another queue is denied")

    def wrong_key(self):
        try:
            open_client("wrong").list_chatapp_template(models.ListChatappTemplateRequest())
        except DaraException as error:
            expect(error.code == "SignatureDoesNotMatch", "it is %s" % error.code)
        else:
            raise AssertionError("expected that a wrong key is refused")
        try:
            open_old("wrong").do_action_with_exception(QueryTokenForMnsQueueRequest())
        except ServerException as error:
            expect("SignatureDoesNotMatch" in str(error) or "InvalidAccessKeySecret" in str(error), "it is %s" % error)
        else:
            raise AssertionError("expected that the older core is refused with a wrong key")

    def delete_the_template(self):
        body = self.client.delete_chatapp_template(
            models.DeleteChatappTemplateRequest(
                template_code=self.code, template_type="WHATSAPP", cust_space_id="sandbox"
            )
        ).body
        expect(body.code == "OK", "the template is deleted, not %s" % body.code)


def main():
    print("version cams20200606 " + importlib.metadata.version("alibabacloud_cams20200606"))
    played = Round()
    failed = 0
    for step in (
        "settings send refuse template mass_send ask_for_a_token pull keep_the_token_to_its_queue wrong_key "
        "delete_the_template"
    ).split():
        try:
            getattr(played, step)()
            print("ok " + step)
        except Exception as error:  # Whatever it was, the next step is tried.
            failed += 1
            print("failed %s: %s: %s" % (step, type(error).__name__, error))
    sys.exit(1 if failed else 0)


main()
