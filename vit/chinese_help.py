"""The help of the command `vit` in Chinese: the words of `vit/cli.py`, which are English, are the keys."""

from typing import ClassVar

from vit.runtime.command_line import Parser


class VitParser(Parser):
    chinese: ClassVar = {
        "A Vision Transformer on MindSpore.": "基于 MindSpore 的 Vision Transformer。",
        "print one JSON object on standard output": "标准输出只有一个 JSON 对象",
        # doctor, data
        "what this machine has, what is missing, and how to mend it": "检查这台机器：有什么，缺什么，怎么解决",
        "data sets: draw the sample data, fetch the ImageNet subset": "数据集：绘制示例数据，下载 ImageNet 子集",
        "data sets: draw the sample data, fetch the ImageNet subset, look through a folder": "数据集：绘制示例数据，下载 ImageNet 子集，检查一个文件夹",
        "look through a folder of pictures before training": "训练之前检查一个图片文件夹",
        "train/ and val/ in it, or one folder a class": "其中有 train/ 和 val/，或者每个类别一个文件夹",
        "draw the sample data into data/sample (no network)": "把示例数据画到 data/sample（不需要网络）",
        "training pictures of each class (500)": "每个类别的训练图片数（500）",
        "turned freely, smaller, half hidden; into data/sample_hard": "任意旋转、更小、一半被遮住；画到 data/sample_hard",
        "another folder than data/sample": "换一个文件夹，不用 data/sample",
        "of the random numbers (%(default)s)": "随机种子（%(default)s）",
        "fetch the published tutorial's subset (513 MB)": "下载官方教程使用的子集（513 MB）",
        "fetch CIFAR-10, 60000 photographs of 32 pixels (170 MB)": "下载 CIFAR-10：60000 张 32 像素的照片（170 MB）",
        "another folder than data/cifar10": "换一个文件夹，不用 data/cifar10",
        "another folder than data/imagenet_subset": "换一个文件夹，不用 data/imagenet_subset",
        # train
        "train on a folder with train/ and val/, one folder a class in each": "训练：文件夹里有 train/ 和 val/，其中每个类别一个文件夹",
        "with train/ and val/ in it": "其中有 train/ 和 val/",
        "for instance vit_sample_patch8_64": "例如 vit_sample_patch8_64",
        "checkpoints, log.csv, metrics.json, loss.png": "写入检查点、log.csv、metrics.json、loss.png",
        "start from these, with a new head": "从这些权重开始，换上新的分类头",
        "go on with the run in --out": "接着训练 --out 里的那一次",
        "how often every picture is seen (%(default)s)": "训练轮数（%(default)s）",
        "pictures in a step (%(default)s)": "每一步的图片数（%(default)s）",
        "the highest learning rate (%(default)s)": "最高的学习率（%(default)s）",
        "share of the steps in which it rises (%(default)s)": "学习率上升阶段占总步数的比例（%(default)s）",
        "of AdamW: how strongly weights are drawn to zero (%(default)s)": "AdamW 的权重衰减（%(default)s）",
        "of AdamW: how slowly squared gradients are forgotten (%(default)s)": "AdamW 的二阶动量系数（%(default)s）",
        "the longest that all gradients together may be (%(default)s)": "全部梯度合在一起的范数上限（%(default)s）",
        "share of the target spread over all classes (%(default)s)": "标签平滑：目标中平分给所有类别的比例（%(default)s）",
        "least share of a picture in a random crop (%(default)s)": "随机裁剪至少保留的面积比例（%(default)s）",
        "how often a picture is mirrored (%(default)s)": "左右翻转的概率（%(default)s）",
        "where to compute (auto)": "在哪种设备上计算（auto）",
        "of the matrix products (fp32)": "矩阵乘法的精度（fp32）",
        # eval, predict, export
        "top-1 and top-5 accuracy on a folder of pictures": "一个文件夹的图片上的 top-1 和 top-5 准确率",
        "one folder a class, or see --labels": "每个类别一个文件夹，或者见 --labels",
        "columns file,class_index; files are seen from --data": "两列 file,class_index；文件路径相对于 --data",
        "pictures at a time (32)": "每批的图片数（32）",
        "a picture that cannot be read is an error": "有图片读不了就报错",
        "a file, or the name of published weights (vit weights list)": "权重文件，或公开权重的名称（vit weights list）",
        "decides shapes and preprocessing where the file does not": "文件里没有写明时，由它决定形状和预处理",
        "fields of ViTConfig, for files that do not tell": "ViTConfig 的各个字段，用于没有写明的文件",
        "name what pictures show": "识别图片里是什么",
        "files": "图片文件",
        "answers for each picture (5)": "每张图片给出几个答案（5）",
        "write each picture with its names, as PNG": "把每张图片和它的名称存成 PNG",
        "write the model as one file for other machines, and check it": "把模型写成一个文件，给其他机器用，并核对它",
        "of the file (mindir)": "文件的格式（mindir）",
        "where to write it": "写到哪里",
        # weights
        "published weights: list, fetch, register": "公开权重：列出、下载、登记",
        "which there are, and which are on this machine": "有哪些，其中哪些已经在这台机器上",
        "fetch by name (HF_ENDPOINT=ADDRESS chooses a mirror of the hub)": "按名称下载（用 HF_ENDPOINT=ADDRESS 指定镜像站）",
        "one of vit weights list": "vit weights list 里的一个名称",
        "register a file fetched by hand": "登记自己下载的文件",
        "safetensors, npz or ckpt": "safetensors、npz 或 ckpt 文件",
        "whose weights they are (default: the file's name)": "是哪个模型的权重（默认：看文件名）",
    }
